package database

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Reader is the role that people's reads run in. It cannot sign in, cannot
// write, owns nothing and is bound by every policy. It is the whole server's,
// not one database's.
const Reader = "onecity_reader"

// Guarded is a table behind the second wall.
type Guarded struct {
	Table   string // with its schema
	Columns string // those that readers may read, "(a, b)"; "" is all
	Sees    string // SQL condition that a row is visible; "true" where there is nothing to hide
}

// guarding keeps two programs from building the wall at once (a number for
// PostgreSQL's advisory locks).
const guarding = 0x73636f70_0001

// Guard puts tables behind the second wall, row-level security, in the order
// given; it may be called again and again, and does nothing where all is as it
// should be. Reads in a Wall see of these tables only what the scope reaches.
// Whoever writes is not bound.
//
// Where the session may make roles, reads run as Reader, and Reader can read
// nothing but these tables. Where it may not and there is no such role, the
// tables are forced on their owner: a read with a scope is bound all the same,
// one without is not (RowSecurity tells which holds). A table that is not
// listed is closed to Reader, whoever made it.
func Guard(ctx context.Context, pool *pgxpool.Pool, tables ...Guarded) error {
	if err := makeReader(ctx, pool); err != nil {
		return err
	}
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", int64(guarding)); err != nil {
			return err
		}
		as, err := mayRead(ctx, tx)
		if err != nil {
			return err
		}
		if err := keep(ctx, tx, as); err != nil {
			return err
		}
		for _, t := range tables {
			if err := t.guard(ctx, tx, as); err != nil {
				return fmt.Errorf("guard %s: %w", t.Table, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("build the second wall: %w", err)
	}
	return nil
}

// makeReader makes the role and lets this session become it, where it may.
// Other databases of the server may be doing the same.
func makeReader(ctx context.Context, pool *pgxpool.Pool) error {
	var there, may bool
	err := pool.QueryRow(ctx, `select exists (select from pg_roles where rolname = $1),
		(select rolcreaterole or rolsuper from pg_roles where rolname = current_user)`, Reader).Scan(&there, &may)
	if err != nil {
		return fmt.Errorf("build the second wall: look for the role: %w", err)
	}
	if as, err := mayRead(ctx, pool); err != nil || as != "" || !may && !there {
		return err
	}
	steps := []string{"grant " + Reader + " to current_user"}
	if !there {
		steps = []string{"create role " + Reader + " nologin noinherit", steps[0]}
	}
	for _, sql := range steps {
		if _, err := pool.Exec(ctx, sql); err != nil && !harmless(err) {
			return fmt.Errorf("build the second wall: %s: %w", sql, err)
		}
	}
	return nil
}

// harmless: somebody else was faster, or this session may not; what holds is
// looked at afterwards.
func harmless(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "42710", "23505", // it is there
		"42501", "0LP01", // not allowed
		"XX000": // tuple concurrently updated
		return true
	}
	return false
}

type queryRower interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// mayRead is Reader when the role is there, is bound by policies and this
// session may become it; else "".
func mayRead(ctx context.Context, q queryRower) (as string, err error) {
	// A superuser may become anybody. From PostgreSQL 16 on a member may be one
	// that may not become the role.
	err = q.QueryRow(ctx, `select coalesce((
		select r.rolname from pg_roles r, pg_roles me
		where r.rolname = $1 and not r.rolsuper and not r.rolbypassrls and me.rolname = session_user
			and (me.rolsuper or pg_has_role(me.oid, r.oid, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end))
	), '')`, Reader).Scan(&as)
	if err != nil {
		return "", fmt.Errorf("ask what this session may become: %w", err)
	}
	return as, nil
}

// keep makes the functions, once a version of them.
func keep(ctx context.Context, tx pgx.Tx, as string) error {
	sql := functions
	if as != "" {
		sql += "grant usage on schema scope to " + as + ";"
	}
	mark := mark(sql)
	var is *string
	if err := tx.QueryRow(ctx, `select obj_description(to_regnamespace('scope'), 'pg_namespace')`).Scan(&is); err != nil {
		return fmt.Errorf("look for the functions: %w", err)
	}
	if is != nil && *is == mark {
		return nil
	}
	if _, err := tx.Exec(ctx, sql+"comment on schema scope is '"+mark+"'"); err != nil {
		return fmt.Errorf("make the functions: %w", err)
	}
	return nil
}

// guard makes the policies of one table, unless they are there.
func (t Guarded) guard(ctx context.Context, tx pgx.Tx, as string) error {
	sql := t.forReader(as)
	if as == "" {
		sql = t.forOwner()
	}
	mark := mark(sql)
	var there bool
	var schema string
	err := tx.QueryRow(ctx, `select n.nspname, c.relrowsecurity and exists (
			select from pg_policy p where p.polrelid = c.oid and p.polname = 'scope' and obj_description(p.oid, 'pg_policy') = $2)
		from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1::regclass`, t.Table, mark).Scan(&schema, &there)
	if err != nil || there {
		return err
	}
	for _, name := range []string{"scope", "scope_insert", "scope_update", "scope_delete"} {
		sql = "drop policy if exists " + name + " on " + t.Table + ";\n" + sql
	}
	if as != "" {
		sql += "grant usage on schema " + pgx.Identifier{schema}.Sanitize() + " to " + as + ";\n"
	}
	_, err = tx.Exec(ctx, sql+"comment on policy scope on "+t.Table+" is '"+mark+"'")
	return err
}

func (t Guarded) forReader(as string) string {
	return "alter table " + t.Table + " enable row level security, no force row level security;\n" +
		"create policy scope on " + t.Table + " for select to " + as + " using (" + t.Sees + ");\n" +
		"revoke all on " + t.Table + " from " + as + ";\n" +
		"grant select " + t.Columns + " on " + t.Table + " to " + as + ";\n"
}

// forOwner binds the owner while a scope is set. What writes sets none.
func (t Guarded) forOwner() string {
	return "alter table " + t.Table + " enable row level security, force row level security;\n" +
		"create policy scope on " + t.Table + " for select using ((select coalesce(current_setting('app.scope', true), '') = '') or (" + t.Sees + "));\n" +
		"create policy scope_insert on " + t.Table + " for insert with check (true);\n" +
		"create policy scope_update on " + t.Table + " for update using (true);\n" +
		"create policy scope_delete on " + t.Table + " for delete using (true);\n"
}

func mark(sql string) string {
	sum := sha256.Sum256([]byte(sql))
	return hex.EncodeToString(sum[:16])
}
