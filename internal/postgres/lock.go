package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lockDir takes the data directory for this process. PostgreSQL's own lock is
// not enough: a second program would find the socket of the first one's server
// answering and believe it was its own.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "LOCK"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrInUse, dir), f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), f.Close())
	}
	return f, nil
}

// postmasterPID is the process that owns the cluster by its own account, 0
// without one.
func postmasterPID(cluster string) int {
	b, err := os.ReadFile(filepath.Join(cluster, "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return 0
	}
	return pid
}

// ready reports whether postmaster.pid says that the server takes connections
// (its eighth line).
func ready(cluster string) bool {
	b, err := os.ReadFile(filepath.Join(cluster, "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(b), "\n")
	return len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready"
}

// waitForOrphan ends the server that a killed program left behind. It is
// already shutting down (PDEATHSIG); we hold the lock, so it is nobody else's.
func waitForOrphan(cluster string, patience time.Duration) error {
	pid := postmasterPID(cluster)
	if pid <= 1 || !worksIn(pid, cluster) {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end the PostgreSQL %d of a killed program: %w", pid, err)
	}
	for end := time.Now().Add(patience); worksIn(pid, cluster); {
		if time.Now().After(end) {
			return fmt.Errorf("the PostgreSQL %d of a killed program did not end within %v", pid, patience)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// worksIn reports whether the process is there and stands in dir, as a
// postmaster stands in its cluster (the number may be another's by now).
func worksIn(pid int, dir string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(dir)
	return err == nil && cwd == real
}
