package need

import "syscall"

// OpenFiles sees to it that this process may have n files open, sockets
// counted: the limit is raised as far as the machine lets us.
func OpenFiles(t TB, n int) {
	t.Helper()
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		t.Fatalf("ask for the limit of open files: %v", err)
		return
	}
	want := uint64(n)
	if l.Cur >= want {
		return
	}
	// Above the hard limit only root may go; it does no harm to ask.
	raised := syscall.Rlimit{Cur: want, Max: max(l.Max, want)}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised); err != nil {
		Missing(t, "%d open files are needed, %d are allowed (ulimit -Hn): %v", n, l.Max, err)
	}
}
