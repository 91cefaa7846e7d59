package history

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"onecity/internal/postgres/pgtest"
)

// shape is everything that the migrations make, from PostgreSQL's own catalogue:
// relations with their storage, columns, constraints, indexes, sequences.
func shape(t testing.TB, s *Store) []string {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), `
		with ours as (
			select c.oid, c.relname, c.relkind, c.reloptions, c.relpersistence,
				pg_get_partkeydef(c.oid) as part, pg_get_expr(c.relpartbound, c.oid) as bound
			from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where n.nspname = 'public' and c.relname not like 'history_migrations%'
		)
		select format('%s %s %s %s %s %s', relkind, relname, relpersistence, reloptions, part, bound) from ours
		union all
		select format('column %s.%s %s %s %s %s %s %s %s', o.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod),
			a.attnotnull, a.attidentity, a.attstorage, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid))
		from ours o join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
			left join pg_attrdef d on d.adrelid = o.oid and d.adnum = a.attnum
		union all
		select format('constraint %s.%s %s', o.relname, k.conname, pg_get_constraintdef(k.oid)) from ours o join pg_constraint k on k.conrelid = o.oid
		union all
		select format('index %s', pg_get_indexdef(i.indexrelid)) from ours o join pg_index i on i.indrelid = o.oid
		union all
		select format('function %s', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'
		union all
		select format('type %s', y.typname) from pg_type y join pg_namespace n on n.oid = y.typnamespace
			where n.nspname = 'public' and y.typrelid = 0 and y.typname not like '\_%'
		order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTheMigrationsGoDownToNothingAndUpToTheSameTables(t *testing.T) {
	s := openStore(t, pgtest.Database(t))
	up := shape(t, s)
	if len(up) < 150 {
		t.Fatalf("the catalogue lists only %d things:\n%s", len(up), strings.Join(up, "\n"))
	}
	// With something in them: also partitions go.
	b := openBroker(t)
	stop := run(t, s.Recorder(b, RecorderOptions{}))
	send(t, b, littleCity()...)
	caughtUp(t, s, b)
	stop()

	migrate := func(what string, fn func(context.Context, *goose.Provider) error) {
		t.Helper()
		if err := s.migrations(func(p *goose.Provider) error { return fn(t.Context(), p) }); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	migrate("down", func(ctx context.Context, p *goose.Provider) error { _, err := p.DownTo(ctx, 0); return err })
	if left := shape(t, s); len(left) > 0 {
		t.Errorf("all the way down there is still:\n%s", strings.Join(left, "\n"))
	}
	// Step by step up, and each step down and up again.
	migrate("up", func(ctx context.Context, p *goose.Provider) error {
		for range p.ListSources() {
			if _, err := p.UpByOne(ctx); err != nil {
				return err
			}
			before := shape(t, s)
			if _, err := p.Down(ctx); err != nil {
				return err
			}
			if _, err := p.UpByOne(ctx); err != nil {
				return err
			}
			sameShape(t, shape(t, s), before)
		}
		return nil
	})
	sameShape(t, shape(t, s), up)
}

func sameShape(t testing.TB, got, want []string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("the tables are now\n%s\nand were\n%s", g, w)
	}
}
