package camera_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"onecity/internal/database"
	"onecity/internal/need"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// server is the PostgreSQL of all tests here; each has a database of its own.
var server *postgres.Server

var databases atomic.Int64

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "onecity-pg-")
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err == nil {
		server, err = postgres.Start(context.Background(), pgtest.Options(filepath.Join(dir, "pg")))
	}
	code := 1
	if err == nil || errors.Is(err, postgres.ErrNoBinaries) {
		code = m.Run()
	}
	if server != nil {
		err = errors.Join(err, server.Stop())
	}
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// newDatabase opens an empty one.
func newDatabase(t testing.TB) *pgxpool.Pool {
	t.Helper()
	if server == nil {
		need.Missing(t, "no PostgreSQL on this machine")
	}
	name := fmt.Sprintf("t%d", databases.Add(1))
	c, err := pgx.Connect(t.Context(), server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), "create database "+name); err != nil {
		t.Fatal(err)
	}
	pool, err := database.Open(t.Context(), strings.Replace(server.DSN(), "dbname=onecity", "dbname="+name, 1), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
