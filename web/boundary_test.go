package web

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"onecity/internal/certificate"
	"onecity/web/limit"
)

func TestACallerBeyondTheBudgetIsToldWhenToComeAgain(t *testing.T) {
	var b limit.Budgets
	b[limit.Person][limit.Read] = limit.Budget{PerSecond: 0.01, Burst: 3}
	b[limit.Nobody][limit.Wrong] = limit.Budget{PerSecond: 0.01, Burst: 2}
	b[limit.Nobody][limit.SignIn] = limit.Budget{PerSecond: 0.01, Burst: 1}
	w := newTown(t, townOptions{Options: Options{Limits: b}, who: func(r *http.Request) (Caller, error) {
		c, err := everybody(r)
		switch {
		case r.Header.Get("Authorization") == "Bearer wrong", r.URL.Query().Get("api_key") == "wrong":
			return Caller{}, errCredentials
		case r.Header.Get("X-Who") != "":
			c.ID = r.Header.Get("X-Who")
		}
		return c, err
	}})
	for range 3 {
		w.expect("GET", "/api/v1/regions", "", 200)
	}
	r := w.expect("GET", "/api/v1/regions", "", 429)
	if after := r.header.Get("Retry-After"); after != "100" && after != "99" || r.json(t)["status"] != 429.0 {
		t.Errorf("Retry-After: %s, %s", after, r.body)
	}
	w.expect("GET", "/api/v1/regions", "", 200, "X-Who", "person:other") // from the same address
	w.expect("GET", "/api/v1/regions", "", 200, "X-Who", "app:other")
	w.expect("POST", "/api/v1/observations", "", 400) // another kind of request

	w.expect("POST", "/api/v1/sign-in", "{}", 503) // this town has no sign-in
	w.expect("POST", "/api/v1/sign-in", "{}", 429, "X-Who", "person:another")

	wrong := []string{"Authorization", "Bearer wrong"}
	w.expect("GET", "/api/v1/regions", "", 401, wrong...)
	w.expect("GET", "/api/v1/regions", "", 401, wrong...)
	if w.expect("GET", "/api/v1/regions", "", 429, wrong...).header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	w.expect("GET", "/api/v1/regions?api%5Fkey=wrong", "", 429)          // however it is written
	w.expect("GET", "/api/v1/regions", "", 200, "X-Who", "person:third") // shows nothing
}

func TestTheTokenEndpointIsOpenToOtherOriginsAndNothingElseIs(t *testing.T) {
	w := newTown(t, townOptions{})
	evil := []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Cookie", "onecity=x"}
	w.expect("POST", "/oidc/token", "", 404, evil...) // there is no provider here, and nobody forbids
	for _, path := range []string{"/api/v1/sign-in", "/api/v1/credentials/west", "/oidcx", "/api/v1/oidc/token", "/oidc/../api/v1/events"} {
		if r := w.ask("POST", path, "{}", evil...); r.status != 403 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	socket := []string{"Connection", "upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	for _, path := range []string{"/ws", "/ws/units/car-1"} {
		if r := w.ask("GET", path, "", append(socket, evil...)...); r.status == 101 || r.status < 400 {
			t.Errorf("a page of another origin opens %s with a reader's cookie: %d", path, r.status)
		}
	}
}

// spoken gathers what the server logs.
type spoken struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *spoken) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(b)
}

func TestNoSecretGetsIntoTheLogOrTheMetrics(t *testing.T) {
	log := &spoken{}
	w := newTown(t, townOptions{log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		who: func(r *http.Request) (Caller, error) {
			if r.URL.Query().Get("api_key") == "oc_wrongsecret" {
				return Caller{}, errCredentials
			}
			if r.URL.Path == "/api/v1/regions" {
				panic("a handler that fails")
			}
			return everybody(r)
		}})
	w.settle()
	secret := []string{"Authorization", "Bearer oc_bearersecret", "Cookie", "onecity=cookiesecret; __Host-onecity=cookiesecret"}
	for _, ask := range [][2]string{
		{"GET", "/screen?api_key=oc_querysecret"}, {"GET", "/api/v1/city?api_key=oc_querysecret"}, {"GET", "/api/v1/city?api_key=oc_wrongsecret"},
		{"GET", "/nothing?api_key=oc_querysecret"}, {"GET", "/api/v1/regions?api_key=oc_querysecret"}, {"POST", "/open311/v2/requests.json?api_key=oc_querysecret"},
		{"POST", "/api/v1/sign-in"},
	} {
		w.ask(ask[0], ask[1], `{"login":"wang","password":"passwordsecret"}`, secret...)
	}
	password := w.expect("POST", "/api/v1/credentials/west", "", 200).json(t)["password"].(string)
	w.expect("DELETE", "/api/v1/credentials/west", "", 204)
	metrics := string(w.expect("GET", "/metrics", "", 200).body)
	w.stop()
	said := log.String()
	if !strings.Contains(said, "path=/open311/v2/requests.json") || !strings.Contains(said, "a handler that fails") {
		t.Error("the log has not what it should")
	}
	for _, s := range []string{"secret", password} {
		for name, text := range map[string]string{"log": said, "metrics": metrics} {
			if i := strings.Index(text, s); i >= 0 {
				t.Errorf("the %s tells a secret: …%s", name, text[max(0, i-80):min(len(text), i+40)])
			}
		}
	}
}

func TestCookiesAreForThisServerOnly(t *testing.T) {
	for secure, want := range map[bool]string{
		false: "onecity=abc; Path=/; HttpOnly; SameSite=Lax",
		true:  "__Host-onecity=abc; Path=/; HttpOnly; Secure; SameSite=Lax",
	} {
		c := (&Identity{Secure: secure}).cookie("abc", 0)
		if got := c.String(); got != want {
			t.Errorf("secure %v: %s", secure, got)
		}
	}
}

func TestOverTLSBrowsersAreToldToComeThatWayOnly(t *testing.T) {
	source, err := certificate.Internal(certificate.Options{Dir: t.TempDir(), Names: []string{"city.example"}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w := newTown(t, townOptions{Options: Options{TLS: source.Config(), CA: source.CA(), Hosts: []string{"city.example"}}})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(source.CA())
	addr := strings.TrimPrefix(w.url, "http://")
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "city.example"}}}
	defer client.CloseIdleConnections()
	get := func(host, path string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return resp
	}
	resp := get("city.example", "/ca.crt")
	ca, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Equal(ca, source.CA()) || resp.ProtoMajor != 2 {
		t.Errorf("the authority: %s, %s", resp.Proto, ca)
	}
	if h := resp.Header.Get("Strict-Transport-Security"); h != "max-age=31536000" {
		t.Errorf("HSTS: %q", h)
	}
	if h := get("localhost", "/healthz").Header.Get("Strict-Transport-Security"); h != "" {
		t.Errorf("HSTS for all of localhost: %q", h)
	}
	for ask, want := range map[string]string{
		"GET city.example /a?b=c":         "308 https://city.example:8443/a?b=c",
		"GET city.example:80 //evil.test": "308 https://city.example:8443//evil.test",
		"GET [::1]:80 /":                  "308 https://[::1]:8443/",
		"GET evil.test /":                 "421 ",
		"POST city.example /api/v1/x":     "403 ",
	} {
		p := strings.Fields(ask)
		r := httptest.NewRequest(p[0], p[2], nil)
		r.Host = p[1]
		rec := httptest.NewRecorder()
		w.server.redirect("8443").ServeHTTP(rec, r)
		if got := fmt.Sprint(rec.Code, " ", rec.Header().Get("Location")); got != want {
			t.Errorf("%s: %s, want %s", ask, got, want)
		}
	}
	// TLS alone does not tell people from each other.
	open, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.server.Run(t.Context(), open); !errors.Is(err, ErrNotSafe) {
		t.Errorf("beyond this machine without sign-in: %v", err)
	}
	w.server.Identity = &Identity{}
	if err := w.server.safeAt(&net.TCPAddr{IP: net.IPv4(10, 1, 2, 3)}); err != nil {
		t.Errorf("beyond this machine with TLS and sign-in: %v", err)
	}
}

// far is a listener whose visitors come from an address of our choice.
type far struct {
	net.Listener
	from chan string
}

type farConn struct {
	net.Conn
	from string
}

func (c farConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(c.from), Port: 1} }

func (f far) Accept() (net.Conn, error) {
	from, ok := <-f.from
	if !ok {
		return nil, net.ErrClosed
	}
	a, b := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, b) }()
	return farConn{a, from}, nil
}

func TestOneAddressHoldsSoManyConnectionsAndNoMore(t *testing.T) {
	f := far{from: make(chan string, 100)}
	d := newDoor(f, 2)
	in := func(from string) net.Conn {
		t.Helper()
		f.from <- from
		f.from <- "10.9.9.9" // who comes next when the first is sent away
		c, err := d.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if c.RemoteAddr().(*net.TCPAddr).IP.String() == "10.9.9.9" {
			c.Close()
			return nil
		}
		next, err := d.Accept()
		if err != nil {
			t.Fatal(err)
		}
		next.Close()
		return c
	}
	first, second := in("10.0.0.1"), in("10.0.0.1")
	if first == nil || second == nil {
		t.Fatal("two are too many")
	}
	if in("10.0.0.1") != nil {
		t.Error("a third is let in")
	}
	if in("10.0.0.2") == nil {
		t.Error("another address is sent away")
	}
	for range 10 {
		if in("127.0.0.1") == nil {
			t.Fatal("our own machine is sent away")
		}
	}
	first.Close()
	first.Close() // twice makes no more room than once
	if in("10.0.0.1") == nil || in("10.0.0.1") != nil {
		t.Error("one that left does not make room for exactly one")
	}
}
