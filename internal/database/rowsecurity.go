package database

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// RowSecurityState says how reads are bound to what their reader may see, in a
// database's own policies.
type RowSecurityState struct {
	// Mode is "role": reads run as Reader; "owner": the tables' owner is bound
	// while it reads for somebody; "none": nothing is bound.
	Mode string
	// Why is what to do about it, Chinese / English; "" with mode "role".
	Why string
	// Guarded are the tables behind the wall, Open those of them whose policy
	// does not hold for this session; both with their schema, sorted.
	Guarded, Open []string
}

// Modes of RowSecurityState.
const (
	ByRole  = "role"
	ByOwner = "owner"
	Unbound = "none"
)

// RowSecurity looks at which second wall holds in a database.
func RowSecurity(ctx context.Context, pool *pgxpool.Pool) (RowSecurityState, error) {
	as, err := mayRead(ctx, pool)
	if err != nil {
		return RowSecurityState{}, err
	}
	var free bool // bound by no policy, not even a forced one
	if err := pool.QueryRow(ctx, `select rolsuper or rolbypassrls from pg_roles where rolname = current_user`).Scan(&free); err != nil {
		return RowSecurityState{}, fmt.Errorf("ask for this session's rights: %w", err)
	}
	rows, err := pool.Query(ctx, `
		select format('%s.%s', n.nspname, c.relname), c.relrowsecurity and case when $1 = '' then c.relforcerowsecurity
			else not c.relforcerowsecurity and exists (select from pg_roles r where r.rolname = $1 and r.oid = any(p.polroles)) end
		from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
		where p.polname = 'scope' order by 1`, as)
	if err != nil {
		return RowSecurityState{}, fmt.Errorf("look at the policies: %w", err)
	}
	s := RowSecurityState{Mode: ByRole}
	var table string
	var holds bool
	if _, err := pgx.ForEachRow(rows, []any{&table, &holds}, func() error {
		s.Guarded = append(s.Guarded, table)
		if !holds || as == "" && free {
			s.Open = append(s.Open, table)
		}
		return nil
	}); err != nil {
		return RowSecurityState{}, fmt.Errorf("look at the policies: %w", err)
	}
	switch {
	case len(s.Guarded) == 0:
		s.Mode, s.Why = Unbound, "数据库里没有行级安全策略 / there are no row-level security policies: start `onecity serve` once on this database"
	case len(s.Open) > 0:
		s.Mode, s.Why = Unbound, "部分行级安全策略不起作用，请重新启动服务 / some policies do not hold for this session: start `onecity serve` again"
	case as == "":
		s.Mode, s.Why = ByOwner, "数据库账号不能建角色，行级安全仅在程序设定范围时生效；请由数据库管理员执行 / this account may not make roles, so rows are bound "+
			"only while the program says whose read it is. A database administrator may run: create role "+Reader+" nologin noinherit; grant "+Reader+" to the program's account"
	}
	return s, nil
}
