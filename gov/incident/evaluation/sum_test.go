package evaluation

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"onecity/gov/incident"
	"onecity/internal/calendar"
	"onecity/internal/flow"
)

// wander leads cases at random through three days.
func (w *loop) wander(r *rand.Rand, cases int) (from, to calendar.Date) {
	w.t.Helper()
	regions := []string{grid1, "320583100001002", grid2, grid3, "320583101002002", "320583100", "320583"}
	people := []flow.Actor{worker, second}
	orgs := []string{"", "0001", "00010002", "00010003", "0002"}
	classes := []string{manhole.Code, litter.Code}
	var open []incident.Case
	for i := range cases {
		open = append(open, w.took(fmt.Sprintf("c%d", i), classes[r.IntN(2)], regions[r.IntN(len(regions))], []string{"person:sun", "key-7", ""}[r.IntN(3)]))
		for range 4 {
			k := r.IntN(len(open))
			c := open[k]
			by := people[r.IntN(2)]
			offers, err := w.cases.Offers(w.t.Context(), by, c.ID)
			if err != nil {
				w.t.Fatal(err)
			}
			offers = slices.DeleteFunc(offers, func(o flow.Offer) bool { return !o.May || o.Event == incident.Merge || o.Event == incident.HandOver })
			if len(offers) == 0 {
				continue
			}
			input := []string{"reason", "因为"}
			switch o := offers[r.IntN(len(offers))]; o.Event {
			case incident.Assign:
				input = []string{"unit", "u-" + by.Subject[7:], "org", orgs[r.IntN(len(orgs))]}
				fallthrough
			default:
				if o.Event == incident.Offer {
					input = append(input, "units", "u-li,u-zhao")
				}
				if o.Event == incident.Finish || o.Event == incident.ComeBack {
					input = []string{"result", "好了"}
				}
				if o.Event == incident.AskDelay {
					input = append(input, "until", "2026-11-30")
				}
				if o.Event == incident.Establish || o.Event == incident.Accept || o.Event == incident.Arrive || o.Event == incident.Close ||
					o.Event == incident.GrantDelay || o.Event == incident.Resume || o.Event == incident.Split || o.Event == incident.Offer {
					input = slices.DeleteFunc(input, func(s string) bool { return s == "reason" || s == "因为" })
				}
				open[k] = w.do(by, c, o.Event, input...)
			}
		}
		w.pass(time.Duration(r.IntN(100)) * time.Minute)
		if i%7 == 0 { // counted little by little, so that sums change
			if err := w.CatchUp(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	w.pass(6 * time.Hour)
	if err := w.CatchUp(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return today, calendar.DateOf(*w.now.Load())
}

func total(rows []Row) *Counts {
	c := &Counts{}
	for i := range rows {
		c.add(&rows[i].counts)
	}
	return c
}

func TestThePartsOfARegionOfItsClassesAndOfItsDaysAddUpToTheWhole(t *testing.T) {
	w := open(t)
	from, to := w.wander(rand.New(rand.NewPCG(7, 11)), 60)
	for _, region := range []string{"", "320583", "320583100", "320583100001", "320583101"} {
		for _, by := range []By{ByRegion, ByClass} {
			whole := w.table(by, region, from, to)
			if region == "" && whole.Total.counts[Reports] != 60 {
				t.Fatalf("of 60 reports %v are counted", whole.Total.counts[Reports])
			}
			if sum := total(whole.Rows); *sum != whole.Total.counts {
				t.Errorf("%s of %q: the rows add up to\n%s, the whole is\n%s", by, region, said(sum), said(&whole.Total.counts))
			}
			days := &Counts{}
			for d := from; !to.Before(d); d = d.Next(1) {
				day := w.table(by, region, d, d)
				days.add(&day.Total.counts)
			}
			if *days != whole.Total.counts {
				t.Errorf("%s of %q: the days add up to\n%s, the whole is\n%s", by, region, said(days), said(&whole.Total.counts))
			}
			for _, shares := range [][2]Measure{{Handled, Due}, {HandledOnTime, Handled}, {Closed, CloseDue}, {ClosedOnTime, Closed}, {Established, Reports},
				{JudgedOnTime, JudgeDue}, {VerifiedOnTime, VerifyDue}, {Returned, Dispatched}, {Reworked, Due}, {Satisfied, Rated}} {
				for _, r := range append(whole.Rows, whole.Total) {
					if r.counts[shares[0]] > r.counts[shares[1]] {
						t.Errorf("%s of %q, %s: more %s than %s: %s", by, region, r.Key, shares[0].Code(), shares[1].Code(), said(&r.counts))
					}
				}
			}
		}
	}
}

func TestSumsByDayAreWhatTheCasesCountFor(t *testing.T) {
	w := open(t)
	from, to := w.wander(rand.New(rand.NewPCG(3, 5)), 50)
	tree := w.o.Regions()
	for _, p := range []place{{}, {region: "320583"}, {region: "320583101"}, {org: "0001"}, {org: "00010002"}} {
		for _, dim := range []string{dimRegion, dimClass, dimOrg, dimUnit, dimPerson} {
			q := Query{By: By(dim), Region: p.region, From: from, To: to}
			fast, sum, err := w.sumDays(t.Context(), tree, []place{p}, dim, q)
			if err != nil {
				t.Fatal(err)
			}
			slow, total := map[string]*Counts{}, &Counts{}
			if err := w.facts(t.Context(), []place{p}, from, to, func(f *fact) {
				for i := range f.Parts {
					part := &f.Parts[i]
					total[part.Measure] += part.N
					if key := f.keyIn(dim, part, f.regionKey(tree, "r"+p.base(tree))); key != "" {
						countsOf(slow, key)[part.Measure] += part.N
					}
				}
			}); err != nil {
				t.Fatal(err)
			}
			if *sum != *total || len(fast) != len(slow) {
				t.Errorf("%v by %s: %d rows, %s\nnot %d rows, %s", p, dim, len(fast), said(sum), len(slow), said(total))
			}
			for key, c := range slow {
				if fast[key] == nil || *fast[key] != *c {
					t.Errorf("%v by %s, %s: %v, not %s", p, dim, key, fast[key], said(c))
				}
			}
		}
	}
	// Counted anew from the beginning it is the same.
	before := w.table(ByRegion, "", from, to)
	if _, err := w.pool.Exec(t.Context(), `update evaluation.state set fold = 0`); err != nil {
		t.Fatal(err)
	}
	after := w.table(ByRegion, "", from, to)
	if before.Total.counts != after.Total.counts {
		t.Errorf("counted anew: %s, before %s", said(&after.Total.counts), said(&before.Total.counts))
	}
}

func TestAReaderCountsOnlyInTheirOwnSubtrees(t *testing.T) {
	w := open(t)
	w.handled(w.took("a", litter.Code, grid1, ""), worker, "00010002")
	w.handled(w.took("b", litter.Code, grid2, ""), worker, "00010003")
	w.handled(w.took("c", litter.Code, grid3, ""), second, "00010002")
	if err := w.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		within Within
		region string
		want   float64 // reports; −1: refused
	}{
		{Within{}, "", -1},
		{everywhere, "", 3},
		{everywhere, "320583100", 2},
		{Within{Regions: []string{"320583100"}}, "", 2},
		{Within{Regions: []string{"320583100"}}, "320583", 2},
		{Within{Regions: []string{"320583100"}}, "320583101", -1},
		{Within{Regions: []string{"320583100001"}}, "", 1},
		{Within{Regions: []string{"320583100001", "320583101"}}, "", 2},
		{Within{Regions: []string{"320583100", "320583100001", "320583101"}}, "", 3},
		{Within{Orgs: []string{"00010002"}}, "", 2},
		{Within{Orgs: []string{"0001"}}, "320583101", 1},
		{Within{Orgs: []string{"00010003"}}, "320583101", 0},
		{Within{Orgs: []string{"00010002"}, Regions: []string{"320583100"}}, "", 3}, // one is in both
		{Within{Orgs: []string{""}}, "", 3},
	} {
		for _, by := range []By{ByRegion, ByOrg, ByUnit, ByPerson, ByClass, ByPost} {
			table, err := w.Table(t.Context(), Query{By: by, Region: c.region, From: today, To: today, Within: c.within})
			if c.want < 0 {
				if !errors.Is(err, ErrOutside) {
					t.Errorf("%+v in %q: %v", c.within, c.region, err)
				}
				continue
			}
			if err != nil || table.Total.counts[Reports] != c.want {
				t.Errorf("%+v in %q by %s: %v reports, not %v; %v", c.within, c.region, by, table.Total.counts[Reports], c.want, err)
			}
			if by == ByRegion || by == ByClass {
				if sum := total(table.Rows); sum[Reports] != c.want {
					t.Errorf("%+v in %q by %s: the rows have %v reports, not %v", c.within, c.region, by, sum[Reports], c.want)
				}
			}
		}
	}
	for _, q := range []Query{{From: today, To: today.Next(-1)}, {From: today.Next(-5000), To: today}} {
		q.By, q.Within = ByRegion, everywhere
		if _, err := w.Table(t.Context(), q); !errors.Is(err, ErrRange) {
			t.Errorf("from %v to %v: %v", q.From, q.To, err)
		}
	}
}
