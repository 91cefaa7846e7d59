package duty_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onecity/gov/incident/duty"
	"onecity/internal/database"
	"onecity/internal/need"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

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

// office is a service on a database of its own, with a clock that the test sets.
type office struct {
	*duty.Service
	now        time.Time
	registered []duty.Unit
}

func open(t *testing.T) *office {
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
	o := &office{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	o.Service, err = duty.Open(t.Context(), pool, duty.Options{
		Now:      func() time.Time { return o.now },
		Register: func(_ context.Context, u duty.Unit) error { o.registered = append(o.registered, u); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var (
	ding = duty.Unit{ID: "p-ding", Name: "丁一帆", Kind: "grid", Home: "320583100001001", Own: true}
	car  = duty.Unit{ID: "car-1", Name: "巡查一", Kind: "enforcement"}
)

// right is a phone whose clock is right.
func (o *office) right() duty.Clock { return duty.ClockOf(o.now, o.now) }

func (o *office) begin(t *testing.T, subject string, u duty.Unit, at time.Time, c duty.Clock) duty.Shift {
	t.Helper()
	s, err := o.Begin(t.Context(), subject, u, at, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (o *office) end(t *testing.T, subject string, at time.Time, c duty.Clock) *duty.Shift {
	t.Helper()
	s, err := o.End(t.Context(), subject, at, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (o *office) units(t *testing.T, subject string) []string {
	t.Helper()
	u, err := o.OnDuty(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (o *office) put(t *testing.T, subject string, c duty.Clock, at ...time.Time) duty.Taken {
	t.Helper()
	var told []duty.Told
	for i, x := range at {
		told = append(told, duty.Told{Time: x, Lon: 120.98 + float64(i)*0.0005, Lat: 31.38, Accuracy: 8})
	}
	taken, err := o.Put(t.Context(), subject, told, c)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}
