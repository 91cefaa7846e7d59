//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// person is somebody at a browser: cookies, and nothing else, say who it is.
type person struct {
	base  string // http://localhost:…, the name that the program goes by
	login string
	http  *http.Client
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, r.body)
	}
}

// stranger is a browser that nobody has signed in at.
func (p *program) stranger(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{base: strings.Replace(p.url, "127.0.0.1", "localhost", 1), http: &http.Client{
		Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// passwords are those that the program wrote down for its first people.
func (p *program) passwords(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(p.dir, "first-sign-in.txt"))
	if err != nil {
		t.Fatal(err)
	}
	passwords := map[string]string{}
	for line := range strings.Lines(string(page)) {
		if f := strings.Fields(line); len(f) > 2 && strings.Contains(f[0], ".") {
			passwords[f[0]] = f[1]
		}
	}
	return passwords
}

// signIn signs one of the first people in.
func (p *program) signIn(t *testing.T, login string) *person {
	t.Helper()
	x := p.stranger(t)
	x.enter(t, login, p.passwords(t)[login])
	return x
}

func (x *person) enter(t *testing.T, login, password string) {
	t.Helper()
	x.login = login
	var said struct{ Next string }
	x.expect(t, http.MethodPost, "/api/v1/sign-in", map[string]string{"login": login, "password": password}, http.StatusOK).into(t, &said)
	if said.Next != "done" {
		t.Fatalf("%s has signed in, and must still do %q", login, said.Next)
	}
}

// ask sends a request; body is JSON, nil is none.
func (x *person) ask(t *testing.T, method, path string, body any, headers ...string) reply {
	t.Helper()
	var send io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		send = bytes.NewReader(b)
	}
	if !strings.HasPrefix(path, "http") {
		path = x.base + path
	}
	req, err := http.NewRequestWithContext(t.Context(), method, path, send)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := x.http.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{res.StatusCode, res.Header, b}
}

func (x *person) expect(t *testing.T, method, path string, body any, status int, headers ...string) reply {
	t.Helper()
	r := x.ask(t, method, path, body, headers...)
	if r.status != status {
		t.Fatalf("%s: %s %s: %d, want %d: %.400s", x.login, method, path, r.status, status, r.body)
	}
	return r
}

func (x *person) get(t *testing.T, path string, v any) {
	t.Helper()
	x.expect(t, http.MethodGet, path, nil, http.StatusOK).into(t, v)
}

// myself is what /me says.
type myself struct {
	Subject string
	Name    string
	Org     struct{ ID, Path, Region string }
	Actions []string
	Scope   []struct{ Axis, Code string }
	Session struct{ ID string }
}

func (x *person) me(t *testing.T) (m myself) {
	t.Helper()
	x.get(t, "/api/v1/me", &m)
	return m
}

// dial opens the live socket as a browser would.
func (x *person) dial() (*websocket.Conn, int, error) {
	dialer := websocket.Dialer{Jar: x.http.Jar, HandshakeTimeout: 10 * time.Second}
	conn, res, err := dialer.Dial("ws"+strings.TrimPrefix(x.base, "http")+"/ws", nil)
	status := 0
	if res != nil {
		status = res.StatusCode
	}
	return conn, status, err
}

// live is an open socket that has shown the whole of what it may.
func (x *person) live(t *testing.T) (conn *websocket.Conn, whole []byte) {
	t.Helper()
	conn, status, err := x.dial()
	if err != nil {
		t.Fatalf("%s: open the live socket: %d %v", x.login, status, err)
	}
	t.Cleanup(func() { conn.Close() })
	ask := `{"op":"sub","id":"all","view":{"layers":["devices","units","incidents"]}}`
	if err := conn.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		_, message, err := conn.ReadMessage()
		if err != nil {
			t.Fatalf("%s: read the live socket: %v", x.login, err)
		}
		var said struct {
			Op    string
			Reset bool
		}
		if err := json.Unmarshal(message, &said); err != nil {
			t.Fatal(err)
		}
		if said.Op == "error" {
			t.Fatalf("%s: %s", x.login, message)
		}
		if said.Op == "frame" && said.Reset {
			return conn, message
		}
	}
}

// closed reads until the other side ends the socket, and tells its code; 0 when
// it does not within that time.
func closed(t *testing.T, conn *websocket.Conn, within time.Duration) (code int) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	for {
		_, _, err := conn.ReadMessage()
		if end := (*websocket.CloseError)(nil); errors.As(err, &end) {
			return end.Code
		}
		if err != nil {
			return 0
		}
	}
}
