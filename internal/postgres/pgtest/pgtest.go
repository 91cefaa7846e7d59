package pgtest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"onecity/internal/need"
	"onecity/internal/postgres"
)

// Dir is a data directory that PostgreSQL can reach also when the test runs as
// root: testing.TB.TempDir is closed to other users. It goes with the test.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "onecity-pg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir, "pg")
}

// Start runs a private server for the test, small and without fsync, and stops
// it with the test. Where no PostgreSQL is installed the test is skipped,
// or fails in CI.
func Start(t testing.TB) *postgres.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := postgres.Start(ctx, Options(Dir(t)))
	if errors.Is(err, postgres.ErrNoBinaries) {
		need.Missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Options are those of Start.
func Options(dir string) postgres.Options {
	return postgres.Options{
		DataDir: dir,
		Settings: map[string]string{
			"shared_buffers": "32MB", "fsync": "off", "max_wal_size": "256MB", "min_wal_size": "32MB", "wal_buffers": "-1",
		},
		Log: slog.New(slog.DiscardHandler),
	}
}
