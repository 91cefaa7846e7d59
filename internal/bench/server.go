package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a running `onecity serve` with a data directory of its own.
type server struct {
	dir  string
	url  string
	addr string
	mqtt string
	city string
	bin  string

	cmd  *exec.Cmd
	done chan error
	log  *os.File
	web  *http.Client
}

// newServer prepares one on free ports; start starts it.
func newServer(e *Env, city string) (*server, error) {
	dir, err := os.MkdirTemp("", "onecity-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a data directory: %w", err)
	}
	// The private PostgreSQL runs as another user when we are root.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(dir + ".log")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, city: city, bin: e.Binary, log: log, web: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 2 * time.Minute,
	}}
	for _, at := range []*string{&s.addr, &s.mqtt} {
		if *at, err = freeAddress(); err != nil {
			return nil, err
		}
	}
	s.url = "http://" + s.addr
	return s, nil
}

// freeAddress is one that nobody listens on, with a port below those of
// outgoing connections: one of those may be taken before the program listens.
func freeAddress() (string, error) {
	var err error
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 15000+rand.IntN(15000))
		var l net.Listener
		if l, err = net.Listen("tcp", addr); err == nil {
			return addr, l.Close()
		}
	}
	return "", fmt.Errorf("find a free port: %w", err)
}

// start starts the program and returns how long it took to be ready.
func (s *server) start(ctx context.Context, within time.Duration) (time.Duration, error) {
	began := time.Now()
	s.cmd = exec.Command(s.bin, "serve", "--city", s.city, "--data", s.dir, "--listen", s.addr, "--mqtt", s.mqtt)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return 0, fmt.Errorf("start %s: %w", s.bin, err)
	}
	s.done = make(chan error, 1)
	go func(cmd *exec.Cmd, done chan error) { done <- cmd.Wait() }(s.cmd, s.done)
	for {
		if _, err := s.ready(ctx); err == nil {
			return time.Since(began), nil
		}
		select {
		case err := <-s.done:
			s.cmd = nil
			return 0, fmt.Errorf("the program ended while starting (%w); its log is %s", errors.Join(err, errEnded), s.log.Name())
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
		if time.Since(began) > within {
			return 0, fmt.Errorf("not ready after %s; its log is %s", within, s.log.Name())
		}
	}
}

var errEnded = errors.New("it was to go on")

// begin starts the program on its empty directory and waits until its city is
// loaded, which would else be measured with what comes after.
func (s *server) begin(ctx context.Context) error {
	if _, err := s.start(ctx, 2*time.Minute); err != nil {
		return err
	}
	err := until(ctx, 5*time.Minute, "the city's first content is loaded", func() (bool, error) {
		log, err := os.ReadFile(s.log.Name())
		return bytes.Contains(log, []byte("loaded the city's first content")), err
	})
	if err != nil {
		return err
	}
	return s.caughtUp(ctx)
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready     bool
	Seq, Last uint64
}

func (s *server) ready(ctx context.Context) (readiness, error) {
	var r readiness
	err := s.get(ctx, "/readyz", &r)
	return r, err
}

// caughtUp waits until the model has folded all that is in the stream.
func (s *server) caughtUp(ctx context.Context) error {
	return until(ctx, 5*time.Minute, "the model has caught up", func() (bool, error) {
		r, err := s.ready(ctx)
		return err == nil && r.Seq >= r.Last, nil
	})
}

// metric reads one value without labels from /metrics.
func (s *server) metric(ctx context.Context, name string) (float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+s.token())
	res, err := s.web.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(body)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(rest), 64)
		}
	}
	return 0, fmt.Errorf("there is no metric %s", name)
}

// historyCaughtUp waits until PostgreSQL has all but the newest ticks of the
// clock.
func (s *server) historyCaughtUp(ctx context.Context) error {
	return until(ctx, 10*time.Minute, "the history has caught up", func() (bool, error) {
		lag, err := s.metric(ctx, "onecity_history_lag_events")
		return lag <= 2, err
	})
}

// until polls every 20 ms.
func until(ctx context.Context, within time.Duration, what string, ok func() (bool, error)) error {
	end := time.Now().Add(within)
	for {
		yes, err := ok()
		if err != nil || yes {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("waited %s until %s", within, what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the program as an operator does, kill as a power cut would, but
// for the files, which the operating system has.
func (s *server) stop() error { return s.end(syscall.SIGTERM) }
func (s *server) kill() error { return s.end(syscall.SIGKILL) }

func (s *server) end(with syscall.Signal) error {
	if s.cmd == nil {
		return nil
	}
	_ = s.cmd.Process.Signal(with)
	select {
	case <-s.done:
	case <-time.After(90 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
		return fmt.Errorf("the program did not stop; its log is %s", s.log.Name())
	}
	s.cmd = nil
	return nil
}

// close stops the program and removes what it left.
func (s *server) close() {
	_ = s.stop()
	s.log.Close()
	os.RemoveAll(s.dir)
	os.Remove(s.log.Name())
}

func (s *server) get(ctx context.Context, path string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return err
	}
	return s.do(req, v)
}

func (s *server) post(ctx context.Context, path string, body []byte, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	return s.do(req, v)
}

// token is what the tools of the server's machine show; none before it has
// written it.
func (s *server) token() string {
	b, err := os.ReadFile(filepath.Join(s.dir, "tools.token"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func (s *server) do(req *http.Request, v any) error {
	req.Header.Set("Authorization", "Bearer "+s.token())
	res, err := s.web.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, res.Status, tail(string(body), 400))
	}
	if v == nil {
		return nil
	}
	return json.Unmarshal(body, v)
}

// resident is the memory that the program's process has, in bytes. PostgreSQL
// is another process.
func (s *server) resident() (int64, error) { return resident(s.cmd.Process.Pid) }

func resident(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("no VmRSS")
}
