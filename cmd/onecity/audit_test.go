package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

// sealedData is a data directory with a log of three entries, whose server is
// stopped.
func sealedData(t *testing.T) (data string, ids []string) {
	t.Helper()
	data = pgtest.Dir(t)
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	onServer(t, data, func(ctx context.Context, dsn string) {
		pool, err := database.Open(ctx, dsn, t.Name())
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		if err := audit.Migrate(ctx, pool); err != nil {
			t.Fatal(err)
		}
		l, err := audit.Open(ctx, pool, audit.Options{Dir: filepath.Join(data, "audit"), Log: slog.New(slog.DiscardHandler), Interval: 5 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- l.Run(running) }()
		for _, action := range []string{"identity.person.add", "identity.binding.grant", "identity.person.read"} {
			if err := l.Note(ctx, audit.Entry{Actor: "person:a", Action: action, Object: "person:b", Outcome: audit.Done}); err != nil {
				t.Fatal(err)
			}
		}
		for c, err := l.Checkpoint(ctx); c.Size < 3; c, err = l.Checkpoint(ctx) {
			if err != nil || ctx.Err() != nil {
				t.Fatalf("waited in vain for the sealer: %v", err)
			}
			time.Sleep(5 * time.Millisecond)
		}
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		rows, err := pool.Query(ctx, `select id::text from audit.leaf order by number`)
		if err != nil {
			t.Fatal(err)
		}
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
	})
	return data, ids
}

// onServer runs a data directory's server for as long as fn does.
func onServer(t *testing.T, data string, fn func(ctx context.Context, dsn string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server, err := postgres.Start(ctx, pgtest.Options(filepath.Join(data, "postgres")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}()
	fn(ctx, server.DSN())
}

// onecity runs a command as from a shell.
func onecity(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestAuditVerifySaysThatALogIsWholeAndNamesWhatIsNot(t *testing.T) {
	t.Setenv("ONECITY_DATABASE_URL", "")
	data, ids := sealedData(t)
	export := filepath.Join(t.TempDir(), "log.ndjson")
	elsewhere := filepath.Join(data, "audit")

	out, err := onecity(t, "audit", "verify", "--data", data) // starts the server
	if err != nil || !strings.Contains(out, "完好") {
		t.Fatalf("%v\n%s", err, out)
	}
	onServer(t, data, func(ctx context.Context, dsn string) {
		if out, err := onecity(t, "audit", "export", "--data", data, "--out", export); err != nil { // finds the server
			t.Fatalf("%v\n%s", err, out)
		}
		out, err := onecity(t, "audit", "checkpoint", "--database-url", dsn)
		if err != nil || !strings.HasPrefix(out, "onecity/audit/") || !strings.Contains(out, "\n3\n") {
			t.Fatalf("%v\n%s", err, out)
		}
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, `set session_replication_role = replica; delete from audit.entry where id = '`+ids[1]+`'`); err != nil {
			t.Fatal(err)
		}
	})

	out, err = onecity(t, "audit", "verify", "--file", export, "--checkpoints", elsewhere)
	if err != nil || !strings.Contains(out, "完好") {
		t.Fatalf("the export of before: %v\n%s", err, out)
	}
	out, err = onecity(t, "audit", "verify", "--data", data)
	if !errors.Is(err, audit.ErrAltered) || !strings.Contains(out, "被删除 removed #1 "+ids[1]) {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := onecity(t, "audit", "verify", "--file", export); err == nil || strings.Contains(out, "完好") {
		t.Fatalf("compared with nothing: %v\n%s", err, out)
	}
}
