package evaluation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onecity/geo"
	"onecity/gov/incident"
	"onecity/internal/audit"
	"onecity/internal/calendar"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// city is a database with the tables of the loop and of its evaluation.
var city = pgtest.Template{Make: func(ctx context.Context, dsn string) error {
	pool, err := database.Open(ctx, dsn, "template")
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = connect(ctx, pool, &loop{})
	return err
}}

// loop is a city's cases with their evaluation.
type loop struct {
	*Service
	t      testing.TB
	pool   *pgxpool.Pool
	cases  *incident.Service
	engine *flow.Engine
	now    atomic.Pointer[time.Time]
	told   []audit.Entry
}

// morning is a Tuesday, 9:30 in Kunshan.
var (
	morning = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)
	today   = calendar.DateOf(morning)
)

// The classes of the tests: limits by the wall clock.
var (
	manhole = incident.Class{Code: "C0101", Name: "上水井盖", Group: "公用设施", Component: true, Severity: 2,
		Limits: incident.Limits{Establish: 30, Dispatch: 30, Accept: 15, Handle: 240, Verify: 120, Total: 480}, ValidFrom: calendar.Date{Year: 2026, Month: 1, Day: 1}}
	litter = incident.Class{Code: "E0101", Name: "暴露垃圾", Group: "市容环境", Severity: 4,
		Limits: incident.Limits{Establish: 60, Dispatch: 60, Accept: 30, Handle: 120, Verify: 60, Total: 300}, ValidFrom: calendar.Date{Year: 2026, Month: 1, Day: 1}}
)

// names are the directory of the tests.
type names struct{}

func (names) Org(_ context.Context, path string) string { return "单位" + path }
func (names) Unit(_ context.Context, id string) string  { return "力量" + id }
func (names) Class(_ context.Context, code string) Words {
	return Words{map[string]string{"C0101": "上水井盖", "E0101": "暴露垃圾"}[code], ""}
}
func (names) Subjects(_ context.Context, subjects []string) map[string]Person {
	out := map[string]Person{}
	for _, s := range subjects {
		post := "处置员"
		if s == "person:wang" {
			post = "派遣员"
		}
		out[s] = Person{Name: strings.ToUpper(s), Post: post}
	}
	return out
}

// tree is a city of two towns with two villages each, with two grids each.
func tree() *geo.Regions {
	list := []geo.Region{{Code: "320583", Name: "昆山市", Level: geo.LevelCity}}
	for _, town := range []string{"320583100", "320583101"} {
		list = append(list, geo.Region{Code: geo.Code(town), Name: "镇" + town[7:], Level: geo.LevelDistrict, Parent: "320583"})
		for _, village := range []string{town + "001", town + "002"} {
			list = append(list, geo.Region{Code: geo.Code(village), Name: "村" + village[9:], Level: geo.LevelVillage, Parent: geo.Code(town)})
			for _, grid := range []string{village + "001", village + "002"} {
				list = append(list, geo.Region{Code: geo.Code(grid), Name: "格" + grid[12:], Level: geo.LevelGrid, Parent: geo.Code(village)})
			}
		}
	}
	t, err := geo.NewRegions(list)
	if err != nil {
		panic(err)
	}
	return t
}

const (
	grid1 = "320583100001001"
	grid2 = "320583100002001"
	grid3 = "320583101001001"
)

// open gives a test an empty city.
func open(t testing.TB) *loop {
	t.Helper()
	pool, err := database.Open(t.Context(), city.Copy(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w, err := connect(t.Context(), pool, &loop{t: t})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// connect begins the loop and its evaluation on a database.
func connect(ctx context.Context, pool *pgxpool.Pool, w *loop) (*loop, error) {
	w.pool = pool
	w.now.Store(&morning)
	now := func() time.Time { return *w.now.Load() }
	o := incident.Options{Classes: []incident.Class{manhole, litter}, Now: now,
		OnDuty: func(_ context.Context, _ pgx.Tx, subject string) ([]string, error) {
			return []string{"u-" + subject[7:]}, nil
		}}
	quiet := func(context.Context, pgx.Tx, audit.Entry) error { return nil }
	err := flow.Migrate(ctx, pool)
	if err != nil {
		return nil, err
	}
	if w.engine, err = flow.New(pool, flow.Options{Machines: []*flow.Machine{incident.Machine(o)}, Now: now, Audit: quiet}); err != nil {
		return nil, err
	}
	if w.cases, err = incident.Open(ctx, pool, w.engine, o); err != nil {
		return nil, err
	}
	regions := tree()
	w.Service, err = Open(ctx, pool, Options{Regions: func() *geo.Regions { return regions }, Names: names{}, Now: now,
		Audit: func(_ context.Context, _ pgx.Tx, e audit.Entry) error { w.told = append(w.told, e); return nil }})
	return w, err
}

// pass lets time pass, and the clocks strike that run out meanwhile.
func (w *loop) pass(d time.Duration) {
	w.t.Helper()
	next := w.now.Load().Add(d)
	w.now.Store(&next)
	if _, err := w.engine.Sweep(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// who may do everything everywhere.
func who(subject string) flow.Actor {
	return flow.Actor{Subject: subject, Allow: func(string, flow.Item) bool { return true }}
}

// The people of the tests.
var (
	operator = who("person:wang")
	worker   = who("person:li")
	second   = who("person:zhao")
)

// took opens a case.
func (w *loop) took(id, class, region, reporter string) incident.Case {
	w.t.Helper()
	c, err := w.cases.Take(w.t.Context(), incident.Report{ID: id, Class: class, Title: id, Lon: 120.95, Lat: 31.38, Reported: *w.now.Load(),
		Channel: "grid", Reporter: reporter, Region: region})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// do fires an event that must go through; input are names and texts in turn.
func (w *loop) do(by flow.Actor, c incident.Case, e flow.Event, input ...string) incident.Case {
	w.t.Helper()
	given := map[string]json.RawMessage{}
	for i := 0; i < len(input); i += 2 {
		body, err := json.Marshal(input[i+1])
		if err != nil {
			w.t.Fatal(err)
		}
		given[input[i]] = body
	}
	out, err := w.cases.Fire(w.t.Context(), by, c.ID, incident.Command{Event: e, Input: given})
	if err != nil {
		w.t.Fatalf("%s %s of %s: %v", by.Subject, e, c.State, err)
	}
	return out
}

// sent leads a case as far as somebody was sent to it, handled as far as
// they have ended.
func (w *loop) sent(c incident.Case, to flow.Actor, org string) incident.Case {
	return w.do(operator, c, incident.Assign, "unit", "u-"+to.Subject[7:], "org", org)
}

func (w *loop) handled(c incident.Case, by flow.Actor, org string) incident.Case {
	w.t.Helper()
	c = w.do(by, w.do(by, w.sent(c, by, org), incident.Accept), incident.Arrive)
	w.pass(time.Hour)
	return w.do(by, c, incident.Finish, "result", "好了")
}

// everywhere is a reader who may count all.
var everywhere = Within{Regions: []string{""}}

// table evaluates one day, or some.
func (w *loop) table(by By, region string, days ...calendar.Date) Table {
	w.t.Helper()
	if err := w.CatchUp(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	from, to := today, today
	if len(days) == 2 {
		from, to = days[0], days[1]
	}
	t, err := w.Table(w.t.Context(), Query{By: by, Region: region, From: from, To: to, Within: everywhere})
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

func (t Table) row(key string) Row {
	if i := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Key == key }); i >= 0 {
		return t.Rows[i]
	}
	return Row{}
}

// said is a row's measures that are not zero, in their order.
func said(c *Counts) string {
	var out []string
	for m, n := range c {
		if n != 0 {
			out = append(out, fmt.Sprintf("%s=%g", infos[m].Code, n))
		}
	}
	return strings.Join(out, " ")
}
