package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"onecity/internal/need"
)

func lockAndEndThread() { runtime.LockOSThread() } // the thread ends with the goroutine

// fakeInstall is a directory whose postgres says that it is that version.
func fakeInstall(t *testing.T, version string) string {
	dir := t.TempDir()
	for _, name := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestVersionsOutside15To18AreNotUsed(t *testing.T) {
	for version, want := range map[string]error{
		"14.9": ErrNoBinaries, "15.18 (Debian 15.18-0+deb12u1)": nil, "18.4": nil, "19beta1": ErrNoBinaries, "what?": ErrNoBinaries,
	} {
		_, err := find(fakeInstall(t, version), 0)
		if !errors.Is(err, want) {
			t.Errorf("version %s: %v, want %v", version, err, want)
		}
	}
}

func TestAClusterIsOnlyOpenedByItsOwnVersion(t *testing.T) {
	dir := fakeInstall(t, "18.4")
	if _, err := find(dir, 15); !errors.Is(err, ErrVersion) {
		t.Errorf("a cluster of 15 with binaries of 18: %v, want ErrVersion", err)
	}
	if in, err := find(dir, 18); err != nil || in.major != 18 {
		t.Errorf("a cluster of 18: %v %v", in, err)
	}
}

func TestWithoutBinariesTheErrorSaysWhatToInstall(t *testing.T) {
	_, err := find(t.TempDir(), 0)
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "apt-get install postgresql") || !strings.Contains(err.Error(), "ONECITY_DATABASE_URL") {
		t.Errorf("the error is %v", err)
	}
}

func TestADirectoryClosedToOthersIsSeen(t *testing.T) {
	dir := t.TempDir()
	open, closed := filepath.Join(dir, "open"), filepath.Join(dir, "closed")
	for path, mode := range map[string]os.FileMode{dir: 0o711, filepath.Dir(dir): 0o711, open: 0o711, closed: 0o700} {
		if err := os.MkdirAll(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	nobody := account{name: "nobody", uid: 65534, gid: 65534}
	if at := blockedAt(filepath.Join(open, "pg"), nobody); at != "" {
		t.Errorf("blocked at %s", at)
	}
	if at := blockedAt(filepath.Join(closed, "a", "pg"), nobody); at != closed {
		t.Errorf("blocked at %q, want %s", at, closed)
	}
}

func TestRootsOwnDirectoryWorksInAUserNamespace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root has a directory that its own server cannot reach")
	}
	dir := t.TempDir() // 0700
	s, err := Start(t.Context(), quick(filepath.Join(dir, "pg")))
	if errors.Is(err, ErrNoBinaries) {
		need.Missing(t, "%v", err)
	}
	if errors.Is(err, ErrUnreachable) {
		t.Skip(err) // no user namespaces here
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}()
	if !s.who.userns || ask[int](t, s, "select 1") != 1 {
		t.Errorf("runs as %+v", s.who)
	}
}
