package incident

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onecity/internal/audit"
	"onecity/internal/calendar"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// town is a city's loop under test.
type town struct {
	*Service
	t      testing.TB
	pool   *pgxpool.Pool
	engine *flow.Engine
	now    *atomic.Pointer[time.Time]
	duty   map[string][]string // units that subjects are on duty with
	log    *atomic.Pointer[[]audit.Entry]
}

// morning is a Tuesday on which people work, 9:30 in Kunshan.
var morning = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)

var manhole = Class{
	Code: "C0101", Name: "上水井盖", NameEn: "Water manhole cover", Group: "公用设施", GroupEn: "Utilities", Component: true, Severity: 2,
	NeedsPhoto: true, Limits: Limits{Establish: 30, Dispatch: 30, Accept: 15, Handle: 240, Verify: 120, Total: 480},
	ValidFrom: calendar.Date{Year: 2026, Month: 1, Day: 1}, Source: "test",
}

var litter = Class{
	Code: "E0101", Name: "暴露垃圾", NameEn: "Litter", Group: "市容环境", GroupEn: "Appearance", Severity: 4,
	Limits: Limits{Establish: 60, Dispatch: 60, Accept: 30, Handle: 480, Verify: 480, Total: 960}, Working: true,
	ValidFrom: calendar.Date{Year: 2026, Month: 1, Day: 1}, Source: "test",
}

// open gives a test an empty city.
func open(t testing.TB) *town {
	t.Helper()
	ctx := t.Context()
	pool, err := database.Open(ctx, pgtest.Server(t).DSN(), "incident")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := flow.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, pool: pool, now: &atomic.Pointer[time.Time]{}, duty: map[string][]string{}, log: &atomic.Pointer[[]audit.Entry]{}}
	w.set(morning)
	w.log.Store(&[]audit.Entry{})
	o := Options{
		OnDuty:  func(_ context.Context, _ pgx.Tx, subject string) ([]string, error) { return w.duty[subject], nil },
		Name:    func(_ context.Context, subject string) string { return strings.ToUpper(subject) },
		Classes: []Class{manhole, litter}, Prefix: func() string { return "昆" },
		Now: func() time.Time { return *w.now.Load() },
	}
	w.engine, err = flow.New(pool, flow.Options{Machines: []*flow.Machine{Machine(o)}, Now: o.Now,
		Audit: func(_ context.Context, _ pgx.Tx, e audit.Entry) error {
			for {
				had := w.log.Load()
				more := append(slices.Clone(*had), e)
				if w.log.CompareAndSwap(had, &more) {
					return nil
				}
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	if w.Service, err = Open(ctx, pool, w.engine, o); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `truncate flow.item, flow.history, flow.outbox, flow.river_job,
		incident.record, incident.entry, incident.proof, incident.command, incident.number`); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *town) set(t time.Time)     { w.now.Store(&t) }
func (w *town) add(d time.Duration) { w.set(w.now.Load().Add(d)) }

// who is somebody with actions in a region and all within.
func who(subject, region string, actions ...string) flow.Actor {
	return flow.Actor{Subject: subject, Allow: func(action string, it flow.Item) bool {
		return slices.Contains(actions, action) && strings.HasPrefix(it.Region, region)
	}}
}

// The people of the tests.
var (
	operator = who("person:wang", "320583", actReport, actSend, actHandle, actCheck, actUrge)
	worker   = who("person:li", "320583100", actReport, actHandle, actCheck)
	second   = who("person:zhao", "320583100", actReport, actHandle, actCheck)
	stranger = who("person:sun", "320583104", actReport, actHandle, actCheck, actSend)
	leader   = who("person:qian", "320583", actUrge)
)

const grid = "320583100001001"

// report is one of a manhole cover.
func report(id string) Report {
	return Report{ID: id, Class: manhole.Code, Title: "前进路井盖缺失", Description: "机动车道上井盖缺失，车辆避让", Severity: 2, Lon: 120.9581, Lat: 31.3845,
		Address: "前进中路 100 号", Reported: morning.Add(-time.Minute), Channel: "citizen", Reporter: "key-1", Region: grid}
}

// took opens a case.
func (w *town) took(r Report) Case {
	w.t.Helper()
	c, err := w.Take(w.t.Context(), r)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// do fires an event that must go through.
func (w *town) do(by flow.Actor, c Case, e flow.Event, input ...string) Case {
	w.t.Helper()
	out, err := w.try(by, c, e, input...)
	if err != nil {
		w.t.Fatalf("%s %s of %s: %v", by.Subject, e, c.State, err)
	}
	return out
}

// try fires an event; input are names and texts in turn.
func (w *town) try(by flow.Actor, c Case, e flow.Event, input ...string) (Case, error) {
	return w.Fire(w.t.Context(), by, c.ID, Command{Event: e, Version: c.Version, Input: given(input...)})
}

func given(input ...string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for i := 0; i < len(input); i += 2 {
		body, err := json.Marshal(input[i+1])
		if err != nil {
			panic(err)
		}
		out[input[i]] = body
	}
	return out
}

// proof adds a photo of afterwards.
func (w *town) proof(by flow.Actor, c Case, id string) Case {
	w.t.Helper()
	if _, err := w.AddProof(w.t.Context(), by, Proof{ID: id, Case: c.ID, Phase: "after", Media: "/media/a.jpg", SHA256: "00", TakenAt: *w.now.Load()}, *w.now.Load()); err != nil {
		w.t.Fatal(err)
	}
	return w.get(c.ID)
}

func (w *town) get(id string) Case {
	w.t.Helper()
	c, err := w.Get(w.t.Context(), Whole(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// told are the records that the outbox holds of a case.
func (w *town) told(id string) []Case {
	w.t.Helper()
	rows, err := w.pool.Query(w.t.Context(), `select body from flow.outbox where kind = $1 and object = $2 order by seq`, KindRecord, id)
	if err != nil {
		w.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[Case])
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// handled leads a new case as far as its handling by worker has ended.
func (w *town) handled(id string) Case {
	w.t.Helper()
	c := w.do(operator, w.took(report(id)), Assign, "handler", worker.Subject)
	c = w.do(worker, c, Accept)
	c = w.do(worker, c, Arrive)
	return w.do(worker, w.proof(worker, c, "p-"+id), Finish, "result", "已更换井盖")
}
