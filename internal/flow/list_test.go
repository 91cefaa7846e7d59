package flow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/internal/calendar"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// model answers Waiting by asking each item, one by one, with nothing but its
// columns and its history.
func model(t *testing.T, e *Engine, items []Item, who Seer, f Filter) []Item {
	t.Helper()
	var out []Item
	for _, it := range items {
		h, err := e.History(t.Context(), it.Machine, it.ID)
		if err != nil {
			t.Fatal(err)
		}
		m := e.machines[it.Machine]
		def, _ := m.state(it.State)
		may := slices.ContainsFunc(m.leaving(it.State), func(tr *Transition) bool {
			if tr.Action == BySystem {
				return false
			}
			if slices.ContainsFunc(h, func(r Record) bool { return r.Actor == who.Subject && slices.Contains(tr.NotBy, r.Event) }) {
				return false
			}
			if it.Subject != "" {
				return it.Subject == who.Subject
			}
			return def.Clock != nil && tr.Action != BySubject && slices.ContainsFunc(who.Reach(tr.Action), func(s Subtree) bool {
				if s.Axis == ByRegion {
					return strings.HasPrefix(it.Region, s.Prefix)
				}
				return strings.HasPrefix(it.Org, s.Prefix)
			})
		})
		if may && strings.HasPrefix(it.Region, f.Region) && strings.HasPrefix(it.Org, f.Org) && it.Level >= f.MinLevel &&
			(!f.Overdue || it.Due != nil && it.Due.Before(e.now())) && (f.Machines == nil || slices.Contains(f.Machines, it.Machine)) &&
			(f.States == nil || slices.Contains(f.States, it.State)) &&
			(strings.Contains(strings.ToLower(it.Title), strings.ToLower(f.Text)) || strings.Contains(strings.ToLower(it.ID), strings.ToLower(f.Text))) {
			out = append(out, it)
		}
	}
	slices.SortFunc(out, func(a, b Item) int {
		switch {
		case a.Due != nil && b.Due == nil:
			return -1
		case a.Due == nil && b.Due != nil:
			return 1
		case a.Due != nil && !a.Due.Equal(*b.Due):
			return a.Due.Compare(*b.Due)
		}
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Machine, b.Machine), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// world has items of both machines at random places in random states, touched
// by a handful of people.
func world(t *testing.T, e *Engine, w *watch, r *rand.Rand, n int) []Item {
	t.Helper()
	regions := []string{"", "320583", "320583003", "320583003011", "320583004", "320584"}
	orgs := []string{"", "0001", "00010002", "00010003", "0002"}
	for i := range n {
		w.set(morning.Add(time.Duration(r.IntN(60*24)) * time.Minute))
		who := func() string { return fmt.Sprint(r.IntN(4)) }
		it := Item{Machine: []string{"test.permit", "test.counter"}[r.IntN(2)], ID: fmt.Sprint("p:", i), Title: []string{"施工证", "Digging 证"}[r.IntN(2)],
			Region: regions[r.IntN(len(regions))], Org: orgs[r.IntN(len(orgs))]}
		me := who()
		if it.Machine == "test.permit" || r.IntN(3) == 0 {
			it.Subject = "person:" + me
		}
		it, err := e.Start(t.Context(), anyone("person:"+me), it, "")
		if err != nil {
			t.Fatal(err)
		}
		for range r.IntN(5) {
			ts := e.machines[it.Machine].leaving(it.State)
			if len(ts) == 0 {
				break
			}
			tr := ts[r.IntN(len(ts))]
			by := who()
			if tr.Action == BySubject {
				by = me
			}
			var in map[string]json.RawMessage
			if tr.Event == "pass" {
				in = opinion()
			}
			if next, err := fire(e, by, it, tr.Event, in); err == nil {
				it = next
			}
		}
	}
	w.set(morning.Add(9 * time.Hour))
	if _, err := e.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := e.pool.Query(t.Context(), `select machine, id from flow.item`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var machine, id string
		if err := rows.Scan(&machine, &id); err != nil {
			t.Fatal(err)
		}
		items = append(items, get(t, e, Item{Machine: machine, ID: id}))
	}
	return items
}

func TestTheListOfWhatWaitsIsWhatEachItemSaysOneByOne(t *testing.T) {
	w := newWatch(morning)
	e := newEngine(t, open(t), Options{Now: w.Now}, permit(), counter())
	r := rand.New(rand.NewPCG(7, 7))
	items := world(t, e, w, r, 120)
	actions := []string{"test.permit.review", "test.permit.approve", "test.tick"}
	prefixes := []string{"", "320583", "320583003", "32058300301", "0001", "00010002", "9"}
	some, overdue, four, personal := 0, 0, 0, 0
	for round := range 60 {
		reach := map[string][]Subtree{}
		for _, a := range actions {
			for range r.IntN(3) {
				reach[a] = append(reach[a], Subtree{Axis(r.IntN(2)), prefixes[r.IntN(len(prefixes))]})
			}
		}
		who := Seer{Subject: fmt.Sprint("person:", r.IntN(5)), Reach: func(a string) []Subtree { return reach[a] }}
		var f Filter
		if round%2 == 1 {
			f = Filter{Region: []string{"", "320583"}[r.IntN(2)], Org: []string{"", "0001"}[r.IntN(2)], Overdue: r.IntN(3) == 0, MinLevel: r.IntN(2),
				Text: []string{"", "digging", "P:1", "证"}[r.IntN(4)]}
			if r.IntN(3) == 0 {
				f.Machines = []string{"test.permit"}
			}
			if r.IntN(3) == 0 {
				f.States = []State{"review", "odd"}
			}
		}
		want := model(t, e, items, who, f)
		for _, page := range []Page{{}, {Limit: 3}, {Offset: 2, Limit: 4}, {Offset: 1000}} {
			got, err := e.Waiting(t.Context(), who, f, page)
			if err != nil {
				t.Fatal(err)
			}
			if c := counts(want, w.Now()); !reflect.DeepEqual(got.Counts, c) {
				t.Fatalf("%+v %+v: counts %+v, want %+v", who.Subject, f, got.Counts, c)
			}
			from := min(page.Offset, len(want))
			to := min(from+cmp.Or(page.Limit, defaultPage), len(want))
			if g, w := ids(got.Items), ids(want[from:to]); g != w {
				t.Fatalf("%s %+v %+v %+v:\n got %s\nwant %s", who.Subject, reach, f, page, g, w)
			}
		}
		some += len(want)
		for _, it := range want {
			if it.Subject != "" {
				personal++
			}
			if it.Due != nil && it.Due.Before(w.Now()) {
				overdue++
			}
			if len(it.hands) > 0 {
				four++
			}
		}
	}
	if some < 300 || overdue < 20 || four < 50 || personal < 50 {
		t.Errorf("the world is too poor to prove anything: %d, %d overdue, %d with hands, %d personal", some, overdue, four, personal)
	}
}

func counts(items []Item, now time.Time) Counts {
	c := Counts{Total: len(items), Machines: map[string]int{}}
	for _, it := range items {
		c.Machines[it.Machine]++
		switch {
		case it.Due == nil:
		case it.Due.Before(now):
			c.Overdue++
		case calendar.DateOf(*it.Due) == calendar.DateOf(now):
			c.DueToday++
		}
	}
	return c
}

func ids(items []Item) string {
	var out []string
	for _, it := range items {
		out = append(out, it.ID+"@"+string(it.State))
	}
	return strings.Join(out, " ")
}

// many fills the table with items of a city of a hundred villages.
func many(t testing.TB, pool *pgxpool.Pool, n int) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), `
		insert into flow.item (machine, id, title, state, version, region, org, subject, since, due, data, started, open, waits, hands)
		select 'test.permit', 'p:' || n, '施工证 ' || n, (array['review','approval','live','revoked'])[1 + n % 4], 2,
			'320583' || lpad((n % 10)::text, 3, '0') || lpad((n / 10 % 10)::text, 3, '0'), lpad((n % 50)::text, 8, '0'),
			case when n % 500 = 0 then 'person:' || n % 1000 else '' end, $1::timestamptz - n * interval '1 second',
			case when n % 4 < 2 then $1::timestamptz + (n % 997 - 300) * interval '1 minute' end, '{}', $1, n % 4 < 3, n % 4 < 2, '{}'
		from generate_series(1, $2::int) n`, morning, n); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `analyze flow.item`); err != nil {
		t.Fatal(err)
	}
}

// seers of a village and of the whole city.
func seer(prefix string) Seer {
	return Seer{Subject: "person:500", Reach: func(string) []Subtree { return []Subtree{{ByRegion, prefix}} }}
}

func TestWhatWaitsInAVillageIsFoundByTheIndex(t *testing.T) {
	pool := open(t)
	e := newEngine(t, pool, Options{Now: newWatch(morning).Now}, permit(), counter())
	many(t, pool, 100_000)
	var plan []struct{ Plan node }
	who := seer("320583003007")
	sql, args := e.waitingQuery(e.ways(who, Filter{}), barred{[]string{}, []string{}, []string{}}, who, Filter{}, Page{Limit: 50})
	wall, err := e.wall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := database.Collect(t.Context(), wall, e.scope(who, Filter{}), "explain (analyze, format json) "+sql, args, pgx.RowTo[[]byte])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw[0], &plan); err != nil {
		t.Fatal(err)
	}
	read := 0.0
	plan[0].Plan.walk(func(n node) {
		if n.Relation == "item" {
			if !strings.Contains(n.Type, "Index") && !strings.Contains(n.Type, "Bitmap") {
				t.Errorf("item is read by a %s", n.Type)
			}
			read += (n.Rows + n.Removed) * n.Loops
		}
	})
	// 500 of a village wait, each read as what waits and 50 as the page, some for two rights
	if read == 0 || read > 5000 {
		t.Errorf("%v rows are read", read)
	}
}

type node struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Rows     float64 `json:"Actual Rows"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Loops    float64 `json:"Actual Loops"`
	Plans    []node  `json:"Plans"`
}

func (n node) walk(f func(node)) {
	f(n)
	for _, p := range n.Plans {
		p.walk(f)
	}
}

func BenchmarkWaitingOf100000(b *testing.B) {
	pool := open(b)
	e := newEngine(b, pool, Options{Now: newWatch(morning).Now}, permit(), counter())
	many(b, pool, 100_000)
	for _, who := range []string{"320583003007", "320583003", "320583"} {
		b.Run("region="+who, func(b *testing.B) {
			n := 0
			for b.Loop() {
				w, err := e.Waiting(b.Context(), seer(who), Filter{}, Page{})
				if err != nil {
					b.Fatal(err)
				}
				n = w.Counts.Total
			}
			b.ReportMetric(float64(n), "waiting")
		})
	}
}
