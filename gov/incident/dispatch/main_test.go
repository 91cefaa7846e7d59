package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onecity/gov/incident/dispatch"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/need"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// noon is the present of these tests: a Tuesday in Shanghai.
var noon = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// log keeps what was written into it.
type log struct {
	mu      sync.Mutex
	entries []audit.Entry
}

func (l *log) append(_ context.Context, _ pgx.Tx, e audit.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
	return nil
}

// server is the PostgreSQL of all tests here; each has a database of its own.
var (
	server    *postgres.Server
	databases atomic.Int64
)

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

// book is an empty one on a database of its own.
func book(t *testing.T) (*dispatch.Book, *pgxpool.Pool, *log) {
	t.Helper()
	if server == nil {
		need.Missing(t, "no PostgreSQL on this machine")
	}
	name := fmt.Sprintf("t%d", databases.Add(1))
	c, err := pgx.Connect(t.Context(), server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Exec(t.Context(), "create database "+name)
	if err = errors.Join(err, c.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	pool, err := database.Open(t.Context(), strings.Replace(server.DSN(), "dbname=onecity", "dbname="+name, 1), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	l := &log{}
	zone := shanghai(t)
	b, err := dispatch.Open(t.Context(), pool, dispatch.Options{Audit: l.append, Zone: func() *time.Location { return zone }, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return b, pool, l
}

var (
	root = dispatch.System("a test")
	// town may see and edit one town, village only sees a village in it.
	town    = dispatch.By{Subject: "person:town", Sees: []string{"320583100"}, Edits: []string{"320583100"}}
	village = dispatch.By{Subject: "person:village", Sees: []string{"320583100001"}}
)
