package signin_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/signin"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/need"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// server is one PostgreSQL for all tests, with a small city in it; each test
// finds it as it was in the beginning.
var (
	server   *postgres.Server
	noServer error
)

// good is everybody's password in the tests' city.
const good = "five-otters-swim-home"

// quick are parameters that the tests can wait for.
var quick = signin.Hash{Memory: 8 * 1024, Time: 1, Threads: 1}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "onecity-pg-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL may run as another user
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	server, noServer = postgres.Start(ctx, pgtest.Options(filepath.Join(dir, "pg")))
	if noServer == nil {
		defer server.Stop() //nolint:errcheck // the tests are over
		if err := settle(ctx, filepath.Join(dir, "key")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	} else if !errors.Is(noServer, postgres.ErrNoBinaries) {
		fmt.Fprintln(os.Stderr, noServer)
		return 1
	}
	return m.Run()
}

// settle makes the city.
func settle(ctx context.Context, keyFile string) error {
	pool, err := database.Open(ctx, server.DSN(), "settle")
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := audit.Migrate(ctx, pool); err != nil {
		return err
	}
	dir, write, err := directory(ctx, pool)
	if err != nil {
		return err
	}
	people, err := dir.Seed(ctx, identity.Place{Code: "320583", Name: "昆山市", Inner: []identity.Place{
		{Code: "320583100", Name: "玉山镇", Inner: []identity.Place{
			{Code: "320583100001", Name: "里厍社区", Inner: []identity.Place{{Code: "320583100001001", Name: "第一网格"}}},
		}},
	}})
	if err != nil {
		return err
	}
	s, err := signin.Open(ctx, pool, dir, signin.Options{Audit: write, KeyFile: keyFile})
	if err != nil {
		return err
	}
	p := signin.DefaultPolicy()
	p.Hash = quick
	if err := s.SetPolicy(ctx, system, p); err != nil {
		return err
	}
	for _, p := range people {
		if err := s.SetPassword(ctx, system, p.ID, good, false); err != nil {
			return err
		}
	}
	_, err = pool.Exec(ctx, `create table settled_password as table signin.password; create table settled_policy as table signin.policy`)
	return err
}

// asSettled takes away what the test before has left.
const asSettled = `delete from signin.session; delete from signin.attempt; delete from signin.ceremony; delete from signin.totp;
	delete from signin.recovery; delete from signin.passkey; delete from signin.token;
	delete from signin.password; insert into signin.password table settled_password;
	delete from signin.policy; insert into signin.policy table settled_policy;
	update identity.person set state = 'active' where state <> 'active';
	delete from identity.binding where subject like 'app:%'`

var system = identity.System("a test")

func directory(ctx context.Context, pool *pgxpool.Pool) (*identity.Directory, identity.Audit, error) {
	log, err := audit.Open(ctx, pool, audit.Options{})
	if err != nil {
		return nil, nil, err
	}
	write := func(ctx context.Context, tx pgx.Tx, e audit.Entry) error { return log.Append(ctx, tx, e) }
	dir, err := identity.Open(ctx, pool, write, slog.New(slog.DiscardHandler))
	return dir, write, err
}

// clock is a time that the test moves.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time        { return time.Unix(0, c.at.Load()) }
func (c *clock) move(by time.Duration) { c.at.Add(int64(by)) }
func newClock() *clock                 { c := &clock{}; c.at.Store(time.Now().UnixNano()); return c }

// city is one node of a city with the seed's people, whose password is good.
type city struct {
	*signin.Service
	t       testing.TB
	dir     *identity.Directory
	pool    *pgxpool.Pool
	clock   *clock
	start   time.Time // of the test, by the database's clock
	options signin.Options
}

// fresh is a city of the test's own.
func fresh(t testing.TB) *city {
	t.Helper()
	if errors.Is(noServer, postgres.ErrNoBinaries) {
		need.Missing(t, "%v", noServer)
	}
	pool, err := database.Open(t.Context(), server.DSN(), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), asSettled); err != nil {
		t.Fatal(err)
	}
	return node(t, newClock(), signin.Options{
		KeyFile: filepath.Join(t.TempDir(), "signin.key"), Issuer: "昆山市", RPID: "city.example", Origins: []string{"https://city.example"},
	})
}

func node(t testing.TB, c *clock, o signin.Options) *city {
	t.Helper()
	pool, err := database.Open(t.Context(), server.DSN(), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	dir, write, err := directory(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	o.Audit, o.Log, o.Now = write, slog.New(slog.DiscardHandler), c.now
	s, err := signin.Open(t.Context(), pool, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	out := &city{Service: s, t: t, dir: dir, pool: pool, clock: c, options: o}
	if err := pool.QueryRow(t.Context(), `select clock_timestamp()`).Scan(&out.start); err != nil {
		t.Fatal(err)
	}
	return out
}

// other is a second node on the same database.
func (c *city) other() *city { return node(c.t, c.clock, c.options) }

// follows runs the node until the test ends, and waits until it hears.
func (c *city) follows() *city {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	c.t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			c.t.Error(err)
		}
	})
	c.until("the node follows", c.Following)
	return c
}

func (c *city) until(what string, ok func() bool) {
	c.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatal("never: " + what)
		}
	}
}

func (c *city) person(login string) string {
	c.t.Helper()
	p, err := c.dir.ByLogin(c.t.Context(), login)
	if err != nil {
		c.t.Fatal(err)
	}
	return p.ID
}

// as is By of one of the seed's people.
func (c *city) as(login string) identity.By {
	c.t.Helper()
	subject := "person:" + c.person(login)
	return identity.By{Subject: subject, Rights: c.dir.Table().Subject(subject), From: "10.0.0.9", Why: "a test"}
}

const desk = "10.20.30.40"

// begin signs in, or ends the test.
func (c *city) begin(login, password string) (signin.Session, string) {
	c.t.Helper()
	s, token, err := c.Begin(c.t.Context(), login, password, desk, "a browser")
	if err != nil {
		c.t.Fatalf("sign in %s: %v", login, err)
	}
	return s, token
}

func (c *city) policy(change func(*signin.Policy)) {
	c.t.Helper()
	p := c.Policy()
	change(&p)
	if err := c.SetPolicy(c.t.Context(), system, p); err != nil {
		c.t.Fatal(err)
	}
}

// logged counts the entries of an action and outcome that the test has made.
func (c *city) logged(action, outcome string) (n int) {
	c.t.Helper()
	return c.count(`select count(*) from audit.entry where action = $1 and outcome = $2 and at >= $3`, action, outcome, c.start)
}

func (c *city) count(query string, args ...any) (n int) {
	c.t.Helper()
	if err := c.pool.QueryRow(c.t.Context(), query, args...).Scan(&n); err != nil {
		c.t.Fatal(err)
	}
	return n
}

func wants(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: %v, want %v", what, err, want)
	}
}

func limited(t testing.TB, what string, err error) *signin.LimitedError {
	t.Helper()
	var l *signin.LimitedError
	if !errors.As(err, &l) {
		t.Fatalf("%s: %v, want a limit", what, err)
	}
	return l
}
