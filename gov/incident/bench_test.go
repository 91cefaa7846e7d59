package incident

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"onecity/internal/database"
	"onecity/internal/flow"
)

// million is a city's cases of years: one in twenty is open.
const million = 1_000_000

// fill makes a city of eleven towns, each of twenty villages of ten grids.
func fill(t testing.TB, w *town, n int) {
	t.Helper()
	s := Sample{Cases: n, Now: morning}
	for i := range 11 * 20 * 10 {
		s.Regions = append(s.Regions, fmt.Sprintf("3205831%02d%03d%03d", i%11, i/11%20, i/220))
	}
	for i := range 2 * 6 * 20 {
		s.Classes = append(s.Classes, fmt.Sprintf("%c%02d%02d", "CE"[i%2], 1+i/2%6, 1+i/12))
	}
	if err := Fill(t.Context(), w.pool, s); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pool.Exec(t.Context(), "vacuum (analyze) incident.record, flow.item, incident.entry"); err != nil {
		t.Fatal(err)
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
	// reach is a person's right to some actions in a region.
	reach := func(region string, actions ...string) func(string) []flow.Subtree {
		return func(action string) []flow.Subtree {
			if slices.Contains(actions, action) {
				return []flow.Subtree{{Axis: flow.ByRegion, Prefix: region}}
			}
			return nil
		}
	}
	operator := flow.Seer{Subject: "person:operator", Reach: reach("320583", actSend, actCheck, actUrge)}
	worker := flow.Seer{Subject: "person:17", Reach: reach("320583104003", actHandle, actCheck)}
	waits := func(who flow.Seer, f flow.Filter) func() error {
		return func() error {
			_, err := w.engine.Waiting(b.Context(), who, f, flow.Page{})
			return err
		}
	}
	mine := func(scope database.Scope, who flow.Seer) func() error {
		return func() error {
			_, err := w.Mine(b.Context(), scope, who, []string{"u17"})
			return err
		}
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
		{"words in a town", list(town, Query{Text: "井盖"})},
		{"a number", list(city, Query{Text: "00077777"})},
		{"counts of the city", func() error { _, err := w.Counts(b.Context(), city, "", morning.Add(-9*time.Hour), 9); return err }},
		{"counts of a town", func() error {
			_, err := w.Counts(b.Context(), town, "320583104", morning.Add(-9*time.Hour), 12)
			return err
		}},
		{"tasks of an operator", waits(operator, flow.Filter{})},
		{"late tasks of an operator", waits(operator, flow.Filter{Overdue: true})},
		{"tasks with words", waits(operator, flow.Filter{Text: "路灯"})},
		{"tasks of a worker", waits(worker, flow.Filter{})},
		{"cases of an operator", mine(city, operator)},
		{"cases of a worker", mine(village, worker)},
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
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
			b.ReportMetric(float64(slices.Max(took).Microseconds())/1000, "ms/slowest")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/op")
		})
	}
}
