package need_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"onecity/internal/need"
)

// verdict is how a test would have ended.
type verdict struct{ skipped, failed string }

func (*verdict) Helper()                          {}
func (v *verdict) Skipf(format string, a ...any)  { v.skipped = fmt.Sprintf(format, a...) }
func (v *verdict) Fatalf(format string, a ...any) { v.failed = fmt.Sprintf(format, a...) }

func TestWhatIsMissingIsSkippedAtHomeAndFailsInCI(t *testing.T) {
	for what, ask := range map[string]func(need.TB){
		"no-such-program": func(t need.TB) { need.Program(t, "no-such-program", "none") },
		"no-such-file":    func(t need.TB) { need.File(t, filepath.Join("testdata", "no-such-file"), "make web") },
		"open files":      func(t need.TB) { need.OpenFiles(t, 1<<40) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Setenv("CI", "")
			var home verdict
			if ask(&home); !strings.Contains(home.skipped, what) || home.failed != "" {
				t.Errorf("at home: %+v, want a skip that names %s", home, what)
			}
			t.Setenv("CI", "true")
			var ci verdict
			if ask(&ci); !strings.Contains(ci.failed, what) || ci.skipped != "" {
				t.Errorf("in CI: %+v, want a failure that names %s", ci, what)
			}
		})
	}
}

func TestWhatIsThereIsHandedOver(t *testing.T) {
	t.Setenv("CI", "1")
	if path := need.Program(t, "go", "golang"); !filepath.IsAbs(path) {
		t.Errorf("go is at %q", path)
	}
	if path := need.File(t, "doc.go", "this package"); path != "doc.go" {
		t.Errorf("doc.go is at %q", path)
	}
	need.OpenFiles(t, 16)
}

func TestAFilledDiskTakesNothingUntilItIsEmptied(t *testing.T) {
	dir := need.SmallDisk(t, 3)
	empty := need.Fill(t, dir)
	file := filepath.Join(dir, "more")
	if err := os.WriteFile(file, make([]byte, 1), 0o600); err == nil {
		t.Error("a full disk took another byte")
	}
	empty()
	if err := os.WriteFile(file, make([]byte, 1<<20), 0o600); err != nil {
		t.Errorf("an emptied disk: %v", err)
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil || st.Blocks*uint64(st.Bsize) != 3<<20 {
		t.Errorf("the disk has %d bytes (%v), want 3 MiB", st.Blocks*uint64(st.Bsize), err)
	}
}
