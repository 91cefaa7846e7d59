package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/need"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// server is one PostgreSQL for all tests; each test has a database of its own
// in it.
var (
	server    *postgres.Server
	noServer  error
	databases atomic.Int64
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "onecity-pg-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL may run as another user
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := postgres.Start(ctx, pgtest.Options(filepath.Join(dir, "pg")))
	switch {
	case errors.Is(err, postgres.ErrNoBinaries):
		noServer = err
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	default:
		server = s
		defer s.Stop() //nolint:errcheck // the tests are over
	}
	return m.Run()
}

// migrated is the database that fresh ones are copies of.
var migrated = sync.OnceValue(func() error {
	return onServer(func(ctx context.Context, admin *pgx.Conn) error {
		if _, err := admin.Exec(ctx, "create database migrated"); err != nil {
			return err
		}
		pool, err := database.Open(ctx, dsn("migrated"), "template")
		if err != nil {
			return err
		}
		defer pool.Close()
		return audit.Migrate(ctx, pool)
	})
})

func onServer(fn func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	admin, err := pgx.Connect(ctx, server.DSN())
	if err != nil {
		return err
	}
	return errors.Join(fn(ctx, admin), admin.Close(ctx))
}

func dsn(name string) string {
	return strings.Replace(server.DSN(), "dbname=onecity", "dbname="+name, 1)
}

// fresh is a migrated database.
func fresh(t testing.TB) *pgxpool.Pool {
	t.Helper()
	if server == nil {
		need.Missing(t, "%v", noServer)
	}
	if err := migrated(); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("audit%d", databases.Add(1))
	err := onServer(func(ctx context.Context, admin *pgx.Conn) error {
		_, err := admin.Exec(ctx, "create database "+name+" template migrated")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return connect(t, name)
}

// connect opens a database of the server.
func connect(t testing.TB, name string) *pgxpool.Pool {
	t.Helper()
	pool, err := database.Open(t.Context(), dsn(name), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if pool.Config().ConnConfig.Database != name {
		t.Fatal("the test would share the server's first database")
	}
	return pool
}

// openLog opens the log of a database; options without a Dir get one.
func openLog(t testing.TB, pool *pgxpool.Pool, o audit.Options) *audit.Log {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l, err := audit.Open(t.Context(), pool, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// add appends entries in one transaction.
func add(t testing.TB, l *audit.Log, pool *pgxpool.Pool, entries ...audit.Entry) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return l.AppendAll(t.Context(), tx, entries) })
	if err != nil {
		t.Fatal(err)
	}
}

// entry is a usual one, the n-th.
func entry(n int) audit.Entry {
	return audit.Entry{
		Actor: "person:zhang", Action: "incident.assign", Object: fmt.Sprintf("incident:%d", n), Region: "320583003", Org: "00010002",
		From: "10.1.2.3", Session: "s1", Why: "值班员派单", Outcome: audit.Done, Before: "aa", After: "bb", Detail: []byte(`{"to": "队<员> 7", "n":1.50}`),
	}
}

func count(t testing.TB, pool *pgxpool.Pool, query string, args ...any) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
