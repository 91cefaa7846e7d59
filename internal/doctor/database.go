package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecity/internal/database"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Database are the facts of the database.
type Database struct {
	Version int  // server_version_num, such as 170006
	Super   bool // the server signs in as a superuser, or past row-level security
	// Wall is how the second wall (row-level security) is built, and Open are
	// tables that it should guard and does not.
	Wall, WallWhy string
	Open          []string
	// Skew is how far the database's clock is ahead of ours.
	Skew time.Duration
	// Made are people of the demo seed who can sign in with a password;
	// Unchanged of them never changed it.
	Made, Unchanged int
	// Unsealed is how old the oldest entry is that the audit log has not sealed.
	Unsealed time.Duration
	// DurableOff are settings that let a commit get lost.
	DurableOff []string
}

// LookInto looks into the database, and reads only.
func LookInto(ctx context.Context, pool *pgxpool.Pool, f *Facts) {
	d := &Database{}
	f.Database = d
	f.Errors = append(f.Errors, d.look(ctx, pool)...)
}

func (d *Database) look(ctx context.Context, pool *pgxpool.Pool) (missed []error) {
	ask := func(doing, sql string, into ...any) {
		if err := pool.QueryRow(ctx, sql).Scan(into...); err != nil {
			missed = append(missed, fmt.Errorf("%s: %w", doing, err))
		}
	}
	ask("ask for the database's version", `select current_setting('server_version_num')::int`, &d.Version)
	ask("ask for the session's rights", `select rolsuper or rolbypassrls from pg_roles where rolname = current_user`, &d.Super)
	// Half of the way there and back is what a clock can be wrong by at most.
	var theirs time.Time
	before := time.Now()
	ask("ask for the database's time", `select clock_timestamp()`, &theirs)
	took := time.Since(before)
	if d.Skew = theirs.Sub(before.Add(took / 2)); d.Skew.Abs() <= took {
		d.Skew = 0
	}
	ask("ask for settings of the database", `select coalesce(array_agg(name || ' = ' || setting order by name), '{}') from pg_settings
		where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'`, &d.DurableOff)
	state, err := database.RowSecurity(ctx, pool)
	missed = append(missed, err)
	d.Wall, d.WallWhy, d.Open = state.Mode, state.Why, state.Open

	there := func(table string) (yes bool) {
		if err := pool.QueryRow(ctx, `select to_regclass($1) is not null`, table).Scan(&yes); err != nil {
			missed = append(missed, fmt.Errorf("look for %s: %w", table, err))
		}
		return yes
	}
	if there("identity.person") && there("signin.password") {
		ask("look for people of the demo", `select count(*), count(*) filter (where cardinality(w.past) = 0)
			from identity.person p join signin.password w on w.person = p.id where p.made and p.state = 'active'`, &d.Made, &d.Unchanged)
	}
	if there("audit.log") {
		var age float64
		ask("ask how far the audit log is sealed", `select coalesce(extract(epoch from clock_timestamp() - min(e.at)), 0)::float8
			from audit.log g join audit.entry e on e.xid >= g.horizon and not exists (select from audit.leaf l where l.id = e.id)`, &age)
		d.Unsealed = time.Duration(age * float64(time.Second))
	}
	return present(missed)
}

// present leaves out the errors that are none.
func present(errs []error) (out []error) {
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			out = append(out, err)
		}
	}
	return out
}
