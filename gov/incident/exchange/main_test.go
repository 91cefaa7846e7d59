package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"onecity/gov/incident"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// town is an exchange under test, with a clock that the test holds.
type town struct {
	*Service
	t       *testing.T
	pool    *pgxpool.Pool
	o       Options
	mu      sync.Mutex
	now     time.Time
	log     []audit.Entry
	cases   map[string]incident.Case
	ends    []End
	reports []incident.Report
	fails   error // of what comes in
}

var morning = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)

func open(t *testing.T) *town {
	t.Helper()
	pool, err := database.Open(t.Context(), pgtest.Server(t).DSN(), "exchange")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w := &town{t: t, pool: pool, now: morning, cases: map[string]incident.Case{}}
	w.o = Options{
		Audit: func(_ context.Context, _ pgx.Tx, e audit.Entry) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.log = append(w.log, e)
			return nil
		},
		KeyFile: filepath.Join(t.TempDir(), "exchange.key"), Source: "https://city.example.cn", Loopback: true, Timeout: 2 * time.Second,
		Now: func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.now
		},
		Log: slog.New(slog.DiscardHandler),
	}
	w.restart()
	if _, err := pool.Exec(t.Context(), `truncate exchange.partner cascade`); err != nil {
		t.Fatal(err)
	}
	if err := w.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// restart is the program begun anew on the same database.
func (w *town) restart() {
	w.t.Helper()
	s, err := Open(w.t.Context(), w.pool, w.o)
	if err != nil {
		w.t.Fatal(err)
	}
	s.Join(w, func(_ context.Context, _ Partner, r incident.Report) error {
		if w.fails != nil {
			return w.fails
		}
		w.reports = append(w.reports, r)
		return nil
	})
	w.Service = s
}

func (w *town) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Case and ComeBack are the loop, as the exchange knows it.
func (w *town) Case(_ context.Context, id string) (incident.Case, error) {
	c, ok := w.cases[id]
	if !ok {
		return c, ErrNotFound
	}
	return c, nil
}

func (w *town) ComeBack(_ context.Context, p Partner, end End) error {
	c := w.cases[end.Case]
	if c.State != incident.External || c.Partner != p.ID {
		return fmt.Errorf("%w: it is not with %s", ErrEvent, p.ID)
	}
	c.State = incident.Handled
	w.cases[end.Case] = c
	w.ends = append(w.ends, end)
	return nil
}

// officer may join systems in the whole city.
var officer = flow.Actor{Subject: "person:officer", Allow: func(action string, _ flow.Item) bool { return action == Action }}

func (w *town) add(p Partner) (Partner, string) {
	w.t.Helper()
	p.On = true
	if p.Name == "" {
		p.Name = "区镇指挥平台"
	}
	out, secret, err := w.Add(w.t.Context(), officer, p, "", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return out, secret
}

// peer is a partner's server: a real one, which keeps what it got.
type peer struct {
	*httptest.Server
	mu  sync.Mutex
	got []delivered
	do  http.HandlerFunc // nil: 204
}

type delivered struct {
	header http.Header
	body   []byte
	event  Event
}

func newPeer(t *testing.T) *peer {
	p := &peer{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d := delivered{header: r.Header.Clone(), body: body}
		_ = json.Unmarshal(body, &d.event)
		p.mu.Lock()
		p.got = append(p.got, d)
		do := p.do
		p.mu.Unlock()
		if do != nil {
			do(rw, r)
			return
		}
		rw.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *peer) answers(do http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.do = do
}

func (p *peer) all() []delivered {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]delivered{}, p.got...)
}

func (p *peer) types() []string {
	var out []string
	for _, d := range p.all() {
		out = append(out, d.event.Type)
	}
	return out
}

// caseOf is a case in Yushan 玉山镇.
func caseOf(id string, state flow.State, version int64) incident.Case {
	return incident.Case{
		Report: incident.Report{ID: id, Class: "C0101", Title: "井盖破损", Description: "路中井盖破损", Severity: 2, Lon: 120.98, Lat: 31.38,
			Address: "前进中路 100 号", Reported: morning, Channel: "citizen", Reporter: "person:zhang", Region: "320583100"},
		No: "昆-20261124-00001", State: state, Version: version, Updated: morning.Add(time.Duration(version) * time.Minute),
		Since: morning.Add(time.Duration(version) * time.Minute), Handler: "person:li",
	}
}

func (w *town) tell(c incident.Case) {
	w.t.Helper()
	w.cases[c.ID] = c
	if err := w.Tell(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) send(partner string) int {
	w.t.Helper()
	n, err := w.SendDue(w.t.Context(), partner)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *town) deliveries(partner string) []Delivery {
	w.t.Helper()
	list, err := w.Deliveries(w.t.Context(), officer, partner, DeliveryFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}
