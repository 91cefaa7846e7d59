package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// ids are the real, effective, saved and file system ids of a process, users'
// or groups' (proc(5), /proc/pid/status).
func ids(t testing.TB, pid int, of string) []int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(status), "\n"+of+":")
	line, _, _ := strings.Cut(rest, "\n")
	var list []int
	for _, f := range strings.Fields(line) {
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	if !found || len(list) == 0 && of != "Groups" {
		t.Fatalf("process %d has no %s", pid, of)
	}
	return list
}

// children are the processes that a process has started.
func children(t testing.TB, pid int) (list []int) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range strings.Fields(string(b)) {
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

// PostgreSQL refuses to run as root, and what it runs in a database
// must not be able to do what root can.
func TestAsRootNoProcessOfTheServerIsRoots(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root has rights to give up")
	}
	s := look(t)
	c, err := pgx.Connect(t.Context(), s.DSN()) // so that there is a backend, too
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	all := append(children(t, int(s.pid.Load())), int(s.pid.Load()))
	if len(all) < 3 {
		t.Fatalf("the server is only the processes %v", all)
	}
	for _, pid := range all {
		for _, of := range []string{"Uid", "Gid", "Groups"} {
			for _, id := range ids(t, pid, of) {
				if id == 0 {
					t.Errorf("process %d has root among its %s: %v", pid, of, ids(t, pid, of))
					break
				}
			}
		}
	}
	for _, path := range []string{s.cluster, s.socket, filepath.Join(s.cluster, "PG_VERSION")} {
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if st.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("%s is root's", path)
		}
	}
}
