//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is one running `onecity serve`.
type program struct {
	t    *testing.T
	dir  string // its data directory
	url  string
	mqtt string
	args []string
	env  []string

	cmd  *exec.Cmd
	done chan struct{}
	log  logBuffer
}

// binary is the program that `make build` made.
func binary(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../bin/onecity")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the binary is missing; run make build: %v", err)
	}
	return path
}

// newProgram prepares a program on free ports and an empty data directory.
func newProgram(t *testing.T, args ...string) *program {
	t.Helper()
	dir, err := os.MkdirTemp("", "onecity-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	// The private PostgreSQL runs as another user when we are root.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, dir: dir, url: "http://" + freeAddr(t), mqtt: freeAddr(t), args: args}
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("the program's last messages:\n%s", p.log.tail(60))
		}
		os.RemoveAll(dir)
	})
	return p
}

// start starts it and waits until it is ready.
func (p *program) start() {
	p.t.Helper()
	p.launch()
	p.waitReady(90 * time.Second)
}

func (p *program) launch() {
	p.t.Helper()
	args := append([]string{"serve", "--data", p.dir, "--listen", strings.TrimPrefix(p.url, "http://"), "--mqtt", p.mqtt}, p.args...)
	p.cmd = exec.Command(binary(p.t), args...)
	p.cmd.Env = append(os.Environ(), p.env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("start: %v", err)
	}
	p.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait()
		close(done)
	}(p.cmd, p.done)
}

func (p *program) waitReady(within time.Duration) {
	p.t.Helper()
	eventually(p.t, within, "the server is ready", func() error {
		select {
		case <-p.done:
			p.t.Fatalf("the program ended: %v", p.cmd.ProcessState)
		default:
		}
		res, err := http.Get(p.url + "/readyz")
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("readyz: %s", res.Status)
		}
		return nil
	})
}

// token is what the tools of the machine show; none before the program has
// written it.
func (p *program) token() string {
	b, err := os.ReadFile(p.tokenFile())
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func (p *program) tokenFile() string { return filepath.Join(p.dir, "tools.token") }

// client shows the token with every request.
func (p *program) client() *http.Client { return &http.Client{Transport: shows(p.token())} }

type shows string

func (token shows) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(token))
	return http.DefaultTransport.RoundTrip(r)
}

// kill is kill -9.
func (p *program) kill() {
	p.t.Helper()
	_ = p.cmd.Process.Kill()
	<-p.done
}

// stop is a graceful stop.
func (p *program) stop() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		p.t.Error("the program did not stop within 30 s of SIGTERM")
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// get reads a JSON answer into v and returns the status.
func (p *program) get(path string, v any) (int, error) {
	res, err := p.client().Get(p.url + path)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return res.StatusCode, err
	}
	if v == nil || res.StatusCode >= 300 {
		return res.StatusCode, nil
	}
	return res.StatusCode, json.Unmarshal(body, v)
}

// post sends v as JSON and returns the status and the answer.
func (p *program) post(path string, v any) (int, []byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := p.client().Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// eventually waits until ok answers nil.
func eventually(t *testing.T, within time.Duration, what string, ok func() error) {
	t.Helper()
	end := time.Now().Add(within)
	for {
		err := ok()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited %s until %s: %v", within, what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// freeAddr is an address that nobody listens on. Its port is below those that
// the system gives to outgoing connections (32768 on): one of those may be
// taken by any connection before the program listens on it.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 15000+rand.IntN(15000))
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		l.Close()
		return addr
	}
	t.Fatal("no port is free")
	return ""
}

// logBuffer keeps what the program said.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *logBuffer) tail(lines int) string {
	all := strings.Split(strings.TrimSpace(b.String()), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
