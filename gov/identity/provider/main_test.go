package provider_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/provider"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/need"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5/pgxpool"
)

// town is a directory with its people, an engine, a provider and its sign-in
// page, on one database that all tests share; each has its own applications.
type town struct {
	dir    *identity.Directory
	pool   *pgxpool.Pool
	engine *flow.Engine
	log    *audit.Log
	p      *provider.Provider
	o      provider.Options
	base   string
	people map[string]identity.Person
	hurry  atomic.Int64 // how far our clock is ahead
	page   atomic.Pointer[person]
	ended  atomic.Value // session that a logout ended
	dead   atomic.Value // session that is no longer live
}

// person is who sits at the browser.
type person struct {
	login   string
	session string
	since   time.Time
	amr     []string
	deny    bool
}

var shared *town

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "onecity-pg-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil {
		return 1, err
	}
	server, err := postgres.Start(context.Background(), pgtest.Options(filepath.Join(dir, "pg")))
	if errors.Is(err, postgres.ErrNoBinaries) {
		return m.Run(), nil // the tests say that they need it
	}
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	pool, err := database.Open(context.Background(), server.DSN(), "test")
	if err != nil {
		return 1, err
	}
	defer pool.Close()
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	defer srv.Close()
	if shared, err = build(pool, srv.URL, dir); err != nil {
		return 1, err
	}
	mux.Handle(provider.Mount, shared.p)
	mux.HandleFunc("/sign-in", shared.signIn)
	return m.Run(), nil
}

func build(pool *pgxpool.Pool, base, dir string) (*town, error) {
	ctx := context.Background()
	t := &town{pool: pool, base: base, people: map[string]identity.Person{}}
	if err := errors.Join(audit.Migrate(ctx, pool), flow.Migrate(ctx, pool)); err != nil {
		return nil, err
	}
	var err error
	if t.log, err = audit.Open(ctx, pool, audit.Options{}); err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	slog.SetDefault(quiet) // the protocol's library tells every refusal
	if t.dir, err = identity.Open(ctx, pool, t.log.Append, quiet); err != nil {
		return nil, err
	}
	seeded, err := t.dir.Seed(ctx, identity.Place{Code: "320583", Name: "昆山市", Inner: []identity.Place{{Code: "320583100", Name: "玉山镇"}}})
	if err != nil {
		return nil, err
	}
	for _, s := range seeded {
		t.people[s.Login] = s.Person
	}
	// Rights follow changes in Run; here they are read once more.
	if t.dir, err = identity.Open(ctx, pool, t.log.Append, quiet); err != nil {
		return nil, err
	}
	if t.engine, err = flow.New(pool, flow.Options{Machines: []*flow.Machine{provider.Machine()}, Audit: t.log.Append, Log: quiet}); err != nil {
		return nil, err
	}
	t.ended.Store("")
	t.dead.Store("")
	t.o = provider.Options{Base: base, KeyFile: filepath.Join(dir, "provider.key"), Audit: t.log.Append, Log: quiet,
		Now:        func() time.Time { return time.Now().Add(time.Duration(t.hurry.Load())) },
		Live:       func(_ context.Context, session string) (bool, error) { return session != t.dead.Load(), nil },
		EndSession: func(_ context.Context, session string) error { t.ended.Store(session); return nil }}
	t.p, err = provider.Open(ctx, pool, t.engine, t.o)
	return t, err
}

// theTown gives a test the town, with nobody at the browser and the clock right.
func theTown(t testing.TB) *town {
	t.Helper()
	if shared == nil {
		need.Missing(t, "no PostgreSQL on this machine")
	}
	shared.hurry.Store(0)
	shared.ended.Store("")
	shared.dead.Store("")
	shared.sits("city.officer", provider.Password)
	return shared
}

// sits puts somebody at the browser who is signed in since a moment ago.
func (w *town) sits(login string, amr ...string) {
	w.page.Store(&person{login: login, session: "session-of-" + login, since: time.Now().Add(-time.Minute), amr: amr})
}

func (w *town) subject(login string) string {
	p, ok := w.people[login]
	if !ok {
		panic("nobody is called " + login)
	}
	return p.Subject()
}

func (w *town) as(login string) identity.By {
	s := w.subject(login)
	return identity.By{Rights: w.dir.Table().Subject(s), Subject: s, Session: "s", From: "192.0.2.9", Why: "a test"}
}

// signIn is the smallest sign-in page: whoever sits there is approved at once.
func (w *town) signIn(rw http.ResponseWriter, r *http.Request) {
	id := r.FormValue("request")
	q, err := w.p.AuthRequest(r.Context(), id)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusNotFound)
		return
	}
	var to string
	who := w.page.Load()
	switch {
	case who == nil && q.Silent:
		to, err = w.p.Deny(r.Context(), id, provider.LoginRequired)
	case who == nil:
		fmt.Fprintln(rw, "请登录", q.ZH)
		return
	case who.deny:
		to, err = w.p.Deny(r.Context(), id, provider.AccessDenied)
	default:
		to, err = w.p.Approve(provider.From(r.Context(), "192.0.2.7"), id, w.subject(who.login), who.session, who.since, who.amr)
		if errors.Is(err, provider.ErrAgain) && q.Silent {
			to, err = w.p.Deny(r.Context(), id, provider.LoginRequired)
		}
	}
	switch {
	case errors.Is(err, provider.ErrAgain):
		fmt.Fprintln(rw, "请重新登录", q.ZH)
	case err != nil:
		http.Error(rw, err.Error(), http.StatusInternalServerError)
	default:
		http.Redirect(rw, r, to, http.StatusSeeOther)
	}
}

// browse goes where a browser is led, until it is led away from us or meets a
// page; then to is nil and page is what it says.
func (w *town) browse(t testing.TB, address string) (to *url.URL, page string) {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for range 5 {
		resp, err := c.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode < 300 || resp.StatusCode > 399 {
			return nil, fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(body)))
		}
		next, err := resp.Location()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(next.String(), w.base) {
			return next, ""
		}
		address = next.String()
	}
	t.Fatal("led in a circle")
	return nil, ""
}

// owner is the organisation of all the tests' applications.
func (w *town) owner() identity.Person { return w.people["city.officer"] }

// draft makes an application.
func (w *town) draft(t testing.TB, a provider.App) (provider.App, string) {
	t.Helper()
	a.Org, a.Contact = w.owner().Org, "朱雅婷"
	if a.ZH == "" {
		a.ZH = "应用 " + a.ID
	}
	out, secret, err := w.p.AddApp(t.Context(), w.as("city.officer"), a)
	if err != nil {
		t.Fatal(err)
	}
	return out, secret
}

// fire makes a step of an application's onboarding.
func (w *town) fire(t testing.TB, by identity.By, a provider.App, event flow.Event) error {
	t.Helper()
	it, err := w.engine.Get(t.Context(), "identity.app", a.Item())
	if err != nil {
		t.Fatal(err)
	}
	c := flow.Command{Machine: it.Machine, ID: it.ID, Event: event, Version: it.Version, Why: "a test"}
	if event == "suspend" || event == "reject" {
		c.Input = map[string]jsonRaw{"reason": jsonRaw(`"a test"`)}
	}
	_, err = w.engine.Fire(t.Context(), by.Actor(), c)
	return err
}

// launch makes an application that is live, by the whole way.
func (w *town) launch(t testing.TB, a provider.App) *client {
	t.Helper()
	out, secret := w.draft(t, a)
	c := w.client(out, secret)
	c.tryOut(t)
	for _, step := range []struct {
		event flow.Event
		by    string
	}{{"test", "city.officer"}, {"approve", "city.security"}, {"go-live", "city.security"}} {
		if err := w.fire(t, w.as(step.by), out, step.event); err != nil {
			t.Fatalf("%s: %v", step.event, err)
		}
	}
	return c
}

// logged counts entries of the audit log.
func (w *town) logged(t testing.TB, action, object, outcome string) int {
	t.Helper()
	var n int
	err := w.pool.QueryRow(t.Context(), `select count(*) from audit.entry where action = $1 and object = $2 and outcome = $3`, action, object, outcome).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
