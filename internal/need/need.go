package need

import (
	"os"
	"os/exec"
)

// TB is the part of testing.TB that tells how a test ends here.
type TB interface {
	Helper()
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Missing ends the test because the machine lacks what the text names: skipped,
// or failed with CI set.
func Missing(t TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format+" (not skipped, because CI is set)", args...)
		return
	}
	t.Skipf(format, args...)
}

// Program is where a program on the PATH is; debian names the package that has it.
func Program(t TB, name, debian string) (path string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, "%s is not installed (Debian package %s)", name, debian)
	}
	return path
}

// File answers path if something is there; from says what puts it there.
func File(t TB, path, from string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		Missing(t, "%s is not there: %s", path, from)
	}
	return path
}
