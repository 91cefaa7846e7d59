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

// server is one PostgreSQL for all tests, started by the first that asks; each
// test has a database of its own in it.
var (
	server    *postgres.Server
	databases atomic.Int64
	ready     = sync.OnceValue(func() (err error) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := os.Chmod(serverDir, 0o711); err != nil { // PostgreSQL may run as another user
			return err
		}
		if server, err = postgres.Start(ctx, pgtest.Options(filepath.Join(serverDir, "pg"))); err != nil {
			return err
		}
		return migrate(ctx)
	})
	serverDir string
)

func TestMain(m *testing.M) {
	var err error
	if serverDir, err = os.MkdirTemp("", "onecity-pg-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if server != nil {
		err = server.Stop()
	}
	if err = errors.Join(err, os.RemoveAll(serverDir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// migrate makes the database that fresh ones are copies of.
func migrate(ctx context.Context) error {
	if err := onServer(ctx, "create database migrated"); err != nil {
		return err
	}
	pool, err := database.Open(ctx, dsn("migrated"), "template")
	if err != nil {
		return err
	}
	defer pool.Close()
	return audit.Migrate(ctx, pool)
}

func onServer(ctx context.Context, sql string) error {
	admin, err := pgx.Connect(ctx, server.DSN())
	if err != nil {
		return err
	}
	_, err = admin.Exec(ctx, sql)
	return errors.Join(err, admin.Close(ctx))
}

func dsn(name string) string {
	return strings.Replace(server.DSN(), "dbname=onecity", "dbname="+name, 1)
}

// fresh is a migrated database.
func fresh(t testing.TB) *pgxpool.Pool {
	t.Helper()
	err := ready()
	if errors.Is(err, postgres.ErrNoBinaries) {
		need.Missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("audit%d", databases.Add(1))
	if err := onServer(t.Context(), "create database "+name+" template migrated"); err != nil {
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
