package incident

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// million is a city's cases of years: one in twenty is open.
const million = 1_000_000

// fill puts cases into the table by COPY, without its indexes, which are made
// anew afterwards.
func fill(b *testing.B, w *town, n int) {
	b.Helper()
	ctx := b.Context()
	rows, err := w.pool.Query(ctx, `select indexname, indexdef from pg_indexes where schemaname = 'incident' and tablename = 'record' and indexname like 'record\_%' and indexdef not like '%UNIQUE%'`)
	if err != nil {
		b.Fatal(err)
	}
	type index struct{ Name, Def string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[index])
	if err != nil {
		b.Fatal(err)
	}
	for _, i := range indexes {
		if _, err := w.pool.Exec(ctx, "drop index incident."+i.Name); err != nil {
			b.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	columns := []string{"id", "class", "title", "description", "severity", "lon", "lat", "address", "reported", "channel", "reporter", "object", "photos",
		"region", "grade", "simulated", "no", "state", "version", "updated", "closed", "since", "due", "final", "level", "org", "unit", "handler",
		"offered", "into_", "merged", "partner", "urged", "reworks", "proofs", "stars", "cell", "grams", "moved"}
	things := []string{"井盖缺失", "路灯不亮", "暴露垃圾", "违章停车", "占道经营", "河道漂浮物", "树木倒伏", "管道破损"}
	roads := []string{"前进路", "人民路", "长江路", "萧林路", "震川路", "马鞍山路"}
	from, err := w.pool.CopyFrom(ctx, pgx.Identifier{"incident", "record"}, columns, pgx.CopyFromSlice(n, func(i int) ([]any, error) {
		at := morning.Add(-time.Duration(n-i) * 90 * time.Second)
		c := Case{Report: Report{
			ID: fmt.Sprintf("b-%07d", i), Class: fmt.Sprintf("%c%02d%02d", "CE"[i%2], 1+random.IntN(6), 1+random.IntN(20)),
			Title: things[random.IntN(len(things))], Severity: 1 + min(3, random.IntN(8)), Lon: 120.8 + random.Float64()*0.3, Lat: 31.2 + random.Float64()*0.3,
			Address: fmt.Sprintf("%s %d 号", roads[random.IntN(len(roads))], random.IntN(900)), Reported: at, Channel: "grid",
			Region: fmt.Sprintf("3205831%02d%03d%03d", random.IntN(11), random.IntN(20), random.IntN(10)),
		}, No: fmt.Sprintf("昆-%s-%05d", at.Format("20060102"), i), State: Closed, Version: 9, Updated: at, Since: at, Proofs: 2,
			Handler: fmt.Sprintf("person:%d", random.IntN(800)), Unit: fmt.Sprintf("u%d", random.IntN(500)), Org: fmt.Sprintf("/city/o%d/", random.IntN(30))}
		if random.IntN(20) == 0 {
			c.State = []flow.State{Reported, Established, Assigned, Accepted, Handling, Handled}[random.IntN(6)]
			due, final := morning.Add(time.Duration(random.IntN(4000)-1000)*time.Minute), morning.Add(time.Duration(random.IntN(9000)-500)*time.Minute)
			c.Due, c.Final, c.Urged = &due, &final, random.IntN(20)/19
		} else {
			end := at.Add(3 * time.Hour)
			c.Closed = &end
		}
		v := c.values()
		v[17] = string(c.State)
		v[36] = cellOf(c.Lon, c.Lat)
		return append(v, c.Version), nil
	}))
	if err != nil || from != int64(n) {
		b.Fatal(from, err)
	}
	for _, i := range indexes {
		if _, err := w.pool.Exec(ctx, i.Def); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.pool.Exec(ctx, "vacuum analyze incident.record"); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAMillionCases asks for the pages that people open all day; each
// must stay below 100 ms. It reports the slowest of its runs beside the mean.
func BenchmarkAMillionCases(b *testing.B) {
	w := open(b)
	fill(b, w, million)
	city, village := Whole(), Scope(database.Piece{Prefix: "320583104003", Grade: 1})
	town := Scope(database.Piece{Prefix: "320583104", Grade: 1})
	list := func(scope database.Scope, q Query) func() error {
		return func() error {
			_, err := w.List(b.Context(), scope, q)
			return err
		}
	}
	third := Query{Order: ByUrgency}
	for range 2 {
		p, err := w.List(b.Context(), city, third)
		if err != nil {
			b.Fatal(err)
		}
		third.After = p.Next
	}
	asks := []struct {
		name string
		do   func() error
	}{
		{"queue of the city", list(city, Query{Order: ByUrgency, Open: true})},
		{"its third page", list(city, third)},
		{"queue of a town", list(town, Query{Order: ByUrgency, Open: true})},
		{"queue of a village", list(village, Query{Order: ByUrgency, Open: true})},
		{"late ones by due", list(city, Query{Order: ByDue, Late: true})},
		{"late ones of a town", list(town, Query{Order: ByUrgency, Late: true})},
		{"waiting for verification", list(city, Query{Order: ByUrgency, States: []flow.State{Handled}})},
		{"urged ones", list(city, Query{Order: ByUrgency, Urged: true})},
		{"newest of the city", list(city, Query{})},
		{"newest of a village", list(village, Query{})},
		{"newest of a class", list(city, Query{Class: "C03"})},
		{"of a class in a village", list(village, Query{Class: "C0307"})},
		{"of a handler", list(city, Query{Handler: "person:17"})},
		{"of a unit, open", list(city, Query{Unit: "u17", Open: true, Order: ByUrgency})},
		{"of an organisation", list(city, Query{Org: "/city/o7/"})},
		{"of a month a year ago", list(city, Query{From: morning.AddDate(-1, 0, 0), To: morning.AddDate(-1, 1, 0)})},
		{"words that are common", list(city, Query{Text: "路灯"})},
		{"words that are rare", list(city, Query{Text: "萧林路 777"})},
		{"words in a village", list(village, Query{Text: "井盖"})},
		{"a number", list(city, Query{Text: "00077777"})},
		{"counts of the city", func() error { _, err := w.Counts(b.Context(), city, "", morning.Add(-9*time.Hour), 9); return err }},
		{"counts of a town", func() error {
			_, err := w.Counts(b.Context(), town, "320583104", morning.Add(-9*time.Hour), 12)
			return err
		}},
		{"one case", func() error { _, err := w.Get(b.Context(), city, "b-0500000"); return err }},
		{"alike", func() error { _, err := w.Alike(b.Context(), city, "b-0999900"); return err }},
		{"nearby", func() error { _, err := w.Nearby(b.Context(), city, "b-0999900", 12); return err }},
	}
	for _, a := range asks {
		b.Run(a.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				if err := a.do(); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			b.ReportMetric(float64(slices.Max(took).Microseconds())/1000, "ms/slowest")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/op")
		})
	}
}
