package web

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

	"onecity/internal/need"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

// shared is the PostgreSQL of those tests that ask for a database of their own;
// it is started for the first of them, because most tests here need none.
var shared struct {
	once   sync.Once
	dir    string
	server *postgres.Server
	err    error
}

var databases atomic.Int64

func TestMain(m *testing.M) {
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
	}
	os.Exit(code)
}

// newDatabase makes an empty one and answers with its DSN.
func newDatabase(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "onecity-pg-"); shared.err != nil {
			return
		}
		if shared.err = os.Chmod(shared.dir, 0o711); shared.err == nil {
			shared.server, shared.err = postgres.Start(context.Background(), pgtest.Options(filepath.Join(shared.dir, "pg")))
		}
	})
	if errors.Is(shared.err, postgres.ErrNoBinaries) {
		need.Missing(t, "%v", shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	name := fmt.Sprintf("t%d", databases.Add(1))
	c, err := pgx.Connect(t.Context(), shared.server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), "create database "+name); err != nil {
		t.Fatal(err)
	}
	return strings.Replace(shared.server.DSN(), "dbname=onecity", "dbname="+name, 1)
}
