package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"onecity/internal/need"

	"github.com/jackc/pgx/v5"
)

// TestMain lets the test binary be the program that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("ONECITY_TEST_VICTIM"); dir != "" {
		s, err := Start(context.Background(), quick(dir))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(s.pid.Load())
		select {}
	}
	code := m.Run()
	if shared != nil {
		if err := errors.Join(shared.Stop(), os.RemoveAll(filepath.Dir(shared.opts.DataDir))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// shared is one server for the tests that only look; it ends with the run.
var shared *Server

func look(t testing.TB) *Server {
	t.Helper()
	if shared == nil {
		dir, err := os.MkdirTemp("", "onecity-pg-")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o711); err != nil {
			t.Fatal(err)
		}
		o := quick(filepath.Join(dir, "pg"))
		delete(o.Settings, "fsync")
		if shared, err = Start(context.Background(), o); errors.Is(err, ErrNoBinaries) {
			need.Missing(t, "%v", err)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return shared
}

func quick(dir string) Options {
	return Options{DataDir: dir, Settings: map[string]string{"shared_buffers": "16MB", "fsync": "off", "wal_buffers": "-1"},
		Log: slog.New(slog.DiscardHandler)}
}

// openDir is a directory that the server's user can reach as well.
func openDir(t testing.TB) string {
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

func start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	if errors.Is(err, ErrNoBinaries) {
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

// ask runs a query for one value.
func ask[T any](t testing.TB, s *Server, query string) (v T) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if err := c.QueryRow(t.Context(), query).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAServerStartsStopsAndKeepsItsData(t *testing.T) {
	dir := openDir(t)
	// What a start that was killed left behind is cleared away.
	if err := os.MkdirAll(filepath.Join(dir, "cluster.making", "base"), 0o711); err != nil {
		t.Fatal(err)
	}
	s := start(t, quick(dir))
	if got := ask[string](t, s, "select current_user || ' ' || current_database()"); got != "onecity onecity" {
		t.Errorf("connected as %s", got)
	}
	if got := ask[int](t, s, "with made as (select 1) select count(*)::int from made"); got != 1 {
		t.Error(got)
	}
	c, err := pgx.Connect(t.Context(), s.DSN())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), "create table kept as select 42 as answer"); err != nil {
		t.Fatal(err)
	}
	// A client that stays connected must not hold up the stop (SIGINT, not SIGTERM).
	defer c.Close(t.Context())
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("stopped twice: %v", err)
	}
	s = start(t, quick(dir))
	if got := ask[int](t, s, "select answer from kept"); got != 42 {
		t.Errorf("after a restart the answer is %d", got)
	}
}

func TestTheServerListensOnItsSocketOnly(t *testing.T) {
	s := look(t)
	if got := ask[string](t, s, "show listen_addresses"); got != "" {
		t.Errorf("listens on %q", got)
	}
	st, err := os.Stat(s.socket)
	if err != nil {
		t.Fatal(err)
	}
	if st.Mode().Perm() != 0o700 {
		t.Errorf("the socket's directory is open to others: %v", st.Mode())
	}
}

func TestCommitsAreOnTheDisk(t *testing.T) {
	s := look(t)
	if got := ask[string](t, s, "select current_setting('synchronous_commit') || current_setting('fsync')"); got != "onon" {
		t.Errorf("synchronous_commit and fsync are %s", got)
	}
}

// Trap 4: with ctype C a trigram of Chinese text is empty.
func TestTheLocaleKnowsLettersOfAllScripts(t *testing.T) {
	s := look(t)
	if got := ask[string](t, s, "select datctype || ' ' || datlocprovider::text from pg_database where datname = current_database()"); got != "C.UTF-8 c" {
		t.Errorf("the locale is %q, want libc's C.UTF-8", got)
	}
	if !ask[bool](t, s, "select '昆' ~ '[[:alpha:]]' and upper('é') = 'É'") {
		t.Error("昆 is not a letter here")
	}
	if ask[bool](t, s, "select exists (select from pg_available_extensions where name = 'pg_trgm')") {
		c, err := pgx.Connect(t.Context(), s.DSN())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(t.Context())
		if _, err := c.Exec(t.Context(), "create extension pg_trgm"); err != nil {
			t.Fatal(err)
		}
		if !ask[bool](t, s, "select show_trgm('昆山市') <> '{}'") {
			t.Error("Chinese text has no trigrams")
		}
	}
}

// Trap 2: the first one's server would answer the second one's probe.
func TestASecondInstanceIsRefusedAndHarmsNothing(t *testing.T) {
	s := look(t)
	if _, err := Start(t.Context(), quick(s.opts.DataDir)); !errors.Is(err, ErrInUse) {
		t.Errorf("a second instance: %v, want ErrInUse", err)
	}
	if ask[int](t, s, "select 1") != 1 {
		t.Error("the first is gone")
	}
}

func TestAnswersOfAServerThatIsNotOurChildDoNotCount(t *testing.T) {
	s := look(t)
	stranger := &Server{opts: s.opts, in: s.in, cluster: s.cluster, socket: s.socket, ended: make(chan struct{})}
	stranger.pid.Store(int64(os.Getpid()))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := stranger.untilItAnswers(ctx); err == nil {
		t.Error("another process's server was taken for our own")
	}
}

// Trap 5: the path of a Unix socket has at most 107 bytes.
func TestALongDataDirectoryWorks(t *testing.T) {
	dir := filepath.Join(openDir(t), strings.Repeat("很长的目录", 8))
	if err := os.MkdirAll(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	if len(dir) < maxSocketPath {
		t.Fatalf("%s is not long", dir)
	}
	s := start(t, quick(dir))
	if ask[int](t, s, "select 1") != 1 || strings.HasPrefix(s.socket, dir) {
		t.Errorf("the socket is in %s", s.socket)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.socket); !os.IsNotExist(err) {
		t.Errorf("the socket's directory was left behind: %v", err)
	}
}

func TestAServerThatDiesIsStartedAgain(t *testing.T) {
	s := start(t, quick(openDir(t)))
	for range 2 {
		pid := s.pid.Load()
		if err := syscall.Kill(int(pid), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		until(t, "another server answers", func() bool {
			now := s.pid.Load()
			return now != 0 && now != pid && postmasterPID(s.cluster) == int(now) && ping(t.Context(), s.DSN()) == nil
		})
	}
}

// Trap 1: PDEATHSIG follows the thread. The goroutines that start and stop
// threads here would have killed the server.
func TestTheServerOutlivesTheThreadThatAskedForIt(t *testing.T) {
	s := look(t)
	pid := s.pid.Load()
	for range 50 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			lockAndEndThread()
		}()
		<-done
	}
	if ask[int](t, s, "select 1") != 1 || s.pid.Load() != pid {
		t.Error("the server was killed by a thread that ended")
	}
}

func TestKill9OfTheProgramEndsTheServerCleanly(t *testing.T) {
	if _, err := find("", 0); err != nil {
		need.Missing(t, "%v", err)
	}
	dir := openDir(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "ONECITY_TEST_VICTIM="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(line, &pid); err != nil {
		t.Fatal(err)
	}
	// The terminal's Ctrl-C goes to a process group: the server is in its own.
	if pgid, err := syscall.Getpgid(pid); err != nil || pgid != pid {
		t.Errorf("the server is in process group %d (%v)", pgid, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	// The next program takes over at once, while the server still shuts down.
	s := start(t, quick(dir))
	if ask[int](t, s, "select 1") != 1 {
		t.Error("no answer after the takeover")
	}
	if worksIn(pid, s.cluster) {
		t.Error("the server of the killed program still runs")
	}
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
