package pgtest

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

	"onecity/internal/need"
	"onecity/internal/postgres"

	"github.com/jackc/pgx/v5"
)

// shared is the server of one package's tests: a test binary has one.
var shared struct {
	begin     sync.Once
	dir       string
	server    *postgres.Server
	err       error
	databases atomic.Int64
}

// Main runs a package's tests, and ends the server that they shared, which
// begins when the first of them asks for it:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
func Main(m *testing.M) {
	code := m.Run()
	var err error
	if shared.server != nil {
		err = shared.server.Stop()
	}
	if shared.dir != "" {
		err = errors.Join(err, os.RemoveAll(shared.dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// Server is the one that all tests of a package share, with its first database:
// whoever uses that cleans up before itself. The package's TestMain must be
// Main. Where no PostgreSQL is installed the test is skipped, or fails in CI.
func Server(t testing.TB) *postgres.Server {
	t.Helper()
	shared.begin.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "onecity-pg-"); shared.err != nil {
			return
		}
		if shared.err = os.Chmod(shared.dir, 0o711); shared.err != nil { // PostgreSQL may run as another user
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		shared.server, shared.err = postgres.Start(ctx, Options(filepath.Join(shared.dir, "pg")))
	})
	if errors.Is(shared.err, postgres.ErrNoBinaries) {
		need.Missing(t, "%v", shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// Use makes another server the shared one until the test ends, beside which no
// other may run.
func Use(t testing.TB, s *postgres.Server) {
	t.Helper()
	usual := Server(t)
	shared.server = s
	t.Cleanup(func() { shared.server = usual })
}

// Database makes an empty database on the shared server.
func Database(t testing.TB) string {
	t.Helper()
	return create(t, "")
}

// Template is a database that is made once and copied for each test: to copy
// tables is several times as quick as to migrate to them.
type Template struct {
	// Make fills it. Its connections must be closed when it answers.
	Make func(ctx context.Context, dsn string) error

	begin sync.Once
	name  string
	err   error
}

// Copy makes a database like the template on the shared server.
func (p *Template) Copy(t testing.TB) string {
	t.Helper()
	Server(t) // or the test ends here
	p.begin.Do(func() {
		dsn := create(t, "")
		p.name = nameOf(dsn)
		p.err = p.Make(t.Context(), dsn)
	})
	if p.err != nil || p.name == "" {
		t.Fatalf("make the template of databases: %v", p.err)
	}
	return create(t, " template "+p.name)
}

func create(t testing.TB, like string) string {
	t.Helper()
	dsn := Server(t).DSN()
	name := fmt.Sprintf("t%d", shared.databases.Add(1))
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Exec(t.Context(), "create database "+name+like)
	if err = errors.Join(err, c.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	return strings.Replace(dsn, "dbname=onecity", "dbname="+name, 1)
}

func nameOf(dsn string) string {
	_, name, _ := strings.Cut(dsn, "dbname=")
	name, _, _ = strings.Cut(name, " ")
	return name
}
