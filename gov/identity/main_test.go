package identity_test

import (
	"context"
	"log/slog"
	"testing"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// directory opens an empty directory on a database of its own, with its log.
func directory(t *testing.T) (*identity.Directory, *pgxpool.Pool) {
	t.Helper()
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return open(t, pool), pool
}

func open(t *testing.T, pool *pgxpool.Pool) *identity.Directory {
	t.Helper()
	if err := audit.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	log, err := audit.Open(t.Context(), pool, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := identity.Open(t.Context(), pool, func(ctx context.Context, tx pgx.Tx, e audit.Entry) error { return log.Append(ctx, tx, e) }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// kunshan is a small city.
var kunshan = identity.Place{Code: "320583", Name: "昆山市", Inner: []identity.Place{
	{Code: "320583100", Name: "玉山镇", Inner: []identity.Place{
		{Code: "320583100001", Name: "里厍社区", Inner: []identity.Place{{Code: "320583100001001", Name: "第一网格"}}},
	}},
	{Code: "320583101", Name: "巴城镇"},
}}

// seeded is a directory with the seed's people by login, and By for each.
func seeded(t *testing.T) (d *identity.Directory, pool *pgxpool.Pool, as func(login string) identity.By) {
	t.Helper()
	d, pool = directory(t)
	people, err := d.Seed(t.Context(), kunshan)
	if err != nil {
		t.Fatal(err)
	}
	subjects := map[string]string{}
	for _, p := range people {
		subjects[p.Login] = p.Subject()
	}
	return d, pool, func(login string) identity.By {
		s := subjects[login]
		if s == "" {
			t.Fatal("nobody is called " + login)
		}
		return identity.By{Rights: d.Table().Subject(s), Subject: s, Why: "a test"}
	}
}

func region(code string) access.Node { return access.Node{Axis: access.ByRegion, Code: code} }
