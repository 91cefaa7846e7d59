package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
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

// server is the PostgreSQL of all tests here, and dsn the database that they
// have one after the other.
var (
	server *postgres.Server
	dsn    string
)

func TestMain(m *testing.M) {
	if os.Getenv(crashEnv) != "" {
		crash()
	}
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "onecity-pg-")
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err == nil {
		server, err = postgres.Start(ctx, pgtest.Options(filepath.Join(dir, "pg")))
	}
	if err == nil {
		err = prepare(ctx)
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

func prepare(ctx context.Context) error {
	dsn = server.DSN()
	pool, err := database.Open(ctx, dsn, "flow")
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, `create table audited (action text, actor text, outcome text, object text, entry jsonb)`); err != nil {
		return err
	}
	return errors.Join(Migrate(ctx, pool), Migrate(ctx, pool)) // twice: the second finds nothing to do
}

// open gives a test an empty database.
func open(t testing.TB) *pgxpool.Pool {
	t.Helper()
	if server == nil {
		need.Missing(t, "no PostgreSQL on this machine")
	}
	pool, err := database.Open(t.Context(), dsn, "flow")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), `truncate flow.item, flow.history, flow.outbox, flow.river_job, flow.river_leader, audited`); err != nil {
		t.Fatal(err)
	}
	return pool
}

// watch is a clock that a test sets.
type watch struct{ now atomic.Pointer[time.Time] }

func newWatch(t time.Time) *watch {
	w := &watch{}
	w.set(t)
	return w
}
func (w *watch) set(t time.Time)     { w.now.Store(&t) }
func (w *watch) Now() time.Time      { return *w.now.Load() }
func (w *watch) add(d time.Duration) { w.set(w.Now().Add(d)) }

// morning is a Tuesday on which people work.
var morning = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)

// broker takes messages and keeps them in their order.
type broker struct {
	mu  sync.Mutex
	got []Message
	bad error // what it answers with, when it is down
}

func (b *broker) publish(_ context.Context, m Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bad != nil {
		return b.bad
	}
	b.got = append(b.got, m)
	return nil
}

func (b *broker) all() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

func (b *broker) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bad = err
}

// auditTable is an audit log that a test can read.
func auditTable(ctx context.Context, tx pgx.Tx, e audit.Entry) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into audited values ($1, $2, $3, $4, $5)`, e.Action, e.Actor, e.Outcome, e.Object, body)
	return err
}

// newEngine makes one with machines; o may change its options.
func newEngine(t testing.TB, pool *pgxpool.Pool, o Options, machines ...*Machine) *Engine {
	t.Helper()
	if o.Audit == nil {
		o.Audit = auditTable
	}
	o.Log = slog.New(slog.DiscardHandler)
	o.Machines = machines
	e, err := New(pool, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// anyone may do everything; who is their name.
func anyone(who string) Actor {
	return Actor{Subject: who, From: "192.0.2.1", Session: "s-" + who, Allow: func(string, Item) bool { return true }}
}

// count reads one number.
func count(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func text(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return b
}

// waitFor waits until ok; a test that waits in vain fails with what it waited for.
func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
