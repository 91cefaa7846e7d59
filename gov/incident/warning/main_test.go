package warning

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// town is a service under test, with a clock that the test holds.
type town struct {
	*Service
	t    *testing.T
	pool *pgxpool.Pool
	flow *flow.Engine
	mu   sync.Mutex
	now  time.Time
	log  []audit.Entry
}

var morning = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)

func open(t *testing.T) *town {
	t.Helper()
	pool, err := database.Open(t.Context(), pgtest.Server(t).DSN(), "warning")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := flow.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, pool: pool, now: morning}
	note := func(_ context.Context, _ pgx.Tx, e audit.Entry) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.log = append(w.log, e)
		return nil
	}
	clock := func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now
	}
	w.Service, err = Open(t.Context(), pool, Options{Audit: note, Base: "https://city.example.cn", Authority: "city.example.cn", Sender: "昆山市城市运行管理中心", Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	w.flow, err = flow.New(pool, flow.Options{Machines: []*flow.Machine{w.Machine()}, Audit: note, Now: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w.Use(w.flow)
	if _, err := pool.Exec(t.Context(), `truncate warning.warning, flow.item, flow.outbox, flow.history`); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *town) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// who may issue warnings in a region.
func who(name, region string) flow.Actor {
	return flow.Actor{Subject: "person:" + name, Allow: func(action string, it flow.Item) bool {
		return action == Action && strings.HasPrefix(it.Region, region)
	}}
}

var (
	wang = who("wang", "320583")
	li   = who("li", "320583")
)

func rain(colour string) Warning {
	return Warning{
		Event: "暴雨", EventEn: "Rainstorm", Category: "Met", Colour: colour, Urgency: "Expected", Certainty: "Likely",
		Headline: "昆山市发布暴雨预警", HeadlineEn: "Rainstorm warning for Kunshan", Text: "预计未来 3 小时雨量 > 50 毫米 & 雷电", TextEn: "More than 50 mm within 3 hours.",
		Instruction: "请勿进入下穿通道", InstructionEn: "Keep out of underpasses.", Regions: []string{"320583100", "320583101"}, Area: "玉山镇、巴城镇",
		AreaEn: "Yushan, Bacheng", Polygon: [][2]float64{{120.9, 31.3}, {121, 31.3}, {121, 31.4}}, Expires: morning.Add(6 * time.Hour), Contact: "12345",
	}
}

func (w *town) draft(by flow.Actor, x Warning) Warning {
	w.t.Helper()
	out, err := w.Draft(w.t.Context(), by, x, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *town) fire(by flow.Actor, x Warning, e flow.Event, reason string) (Warning, error) {
	input := map[string]json.RawMessage{}
	if reason != "" {
		input["reason"], _ = json.Marshal(reason)
	}
	return w.Fire(w.t.Context(), by, x.ID, e, x.Version, input, "")
}

func (w *town) must(by flow.Actor, x Warning, e flow.Event, reason string) Warning {
	w.t.Helper()
	out, err := w.fire(by, x, e, reason)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// told are the changes in the outbox.
func (w *town) told() []string {
	w.t.Helper()
	rows, err := w.pool.Query(w.t.Context(), `select body->>'event' || ' ' || object from flow.outbox where kind = $1 order by seq`, Kind)
	if err != nil {
		w.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func everywhere(string) bool { return true }

func (w *town) current() []string {
	w.t.Helper()
	list, err := w.Current(w.t.Context(), everywhere)
	if err != nil {
		w.t.Fatal(err)
	}
	ids := []string{}
	for _, x := range list {
		ids = append(ids, x.ID)
	}
	return ids
}
