package incident

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/internal/database"
	"onecity/internal/flow"
)

func TestReportsOfOneThingAreFoundMergedAndSplitAgain(t *testing.T) {
	w := open(t)
	first := w.took(report("a"))
	again := report("b")
	again.Title, again.Description, again.Lon, again.Reported = "井盖缺失", "前进路机动车道井盖不见了", 120.9585, morning.Add(10*time.Minute)
	second := w.took(again)
	far, other := report("c"), report("d")
	far.Lon = 120.99
	other.Class = litter.Code
	w.took(far)
	w.took(other)
	alike, err := w.Alike(t.Context(), Whole(), second.ID)
	if err != nil || len(alike) != 1 || alike[0].Case.ID != "a" || alike[0].Metres < 20 || alike[0].Metres > 60 || len(alike[0].Reasons) < 3 {
		t.Fatalf("alike are %+v, %v", alike, err)
	}
	// one that is merged takes its own with it
	third := w.took(report("e"))
	if _, err := w.Merge(t.Context(), operator, third.ID, second.ID, third.Version, "重复"); err != nil {
		t.Fatal(err)
	}
	second = w.get(second.ID)
	merged, err := w.Merge(t.Context(), operator, second.ID, first.ID, second.Version, "重复上报")
	if err != nil || merged.State != Merged || merged.Into != first.ID || merged.Merged != 0 {
		t.Fatalf("merged as %+v, %v", merged, err)
	}
	if main := w.get(first.ID); main.Merged != 2 {
		t.Errorf("the other has %d merged into it", main.Merged)
	}
	related, err := w.Related(t.Context(), Whole(), first.ID)
	if err != nil || len(related) != 2 {
		t.Errorf("related are %v, %v", related, err)
	}
	if _, err := w.Merge(t.Context(), operator, first.ID, merged.ID, 0, ""); !errors.Is(err, ErrInvalid) {
		t.Errorf("merged into one that is merged: %v", err)
	}
	if _, err := w.Split(t.Context(), worker, merged.ID, merged.Version, ""); !errors.Is(err, flow.ErrNotAllowed) {
		t.Errorf("split by who may not: %v", err)
	}
	split, err := w.Fire(t.Context(), operator, merged.ID, Command{Event: Split, Version: merged.Version, Why: "不是同一处"})
	if err != nil || split.State != Reported || split.Into != "" || split.Closed != nil {
		t.Errorf("split as %+v, %v", split, err)
	}
	if main := w.get(first.ID); main.Merged != 1 {
		t.Errorf("after the split the other has %d merged into it", main.Merged)
	}
}

func TestTwoWhoMergeTheTwoIntoEachOtherDoNotWaitForEachOther(t *testing.T) {
	w := open(t)
	a, b := w.took(report("a")), w.took(report("b"))
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Go(func() { _, errs[0] = w.Merge(t.Context(), operator, a.ID, b.ID, a.Version, "") })
	wg.Go(func() { _, errs[1] = w.Merge(t.Context(), operator, b.ID, a.ID, b.Version, "") })
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("they end as %v and %v", errs[0], errs[1])
	}
}

func TestACaseThatIsOverdueIsEscalatedAndTheTimelineAndTheCityAreTold(t *testing.T) {
	w := open(t)
	c := w.took(report("a"))
	w.set(morning.Add(25 * time.Minute)) // 0.8 of 30 min
	if _, err := w.engine.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.set(morning.Add(31 * time.Minute))
	if _, err := w.engine.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := w.get(c.ID)
	if now.Level != 1 || !now.Late(w.opt.Now()) {
		t.Errorf("overdue it is %+v", now)
	}
	line, err := w.Timeline(t.Context(), Whole(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	var clock []string
	for _, e := range line {
		if e.Kind == kindClock {
			clock = append(clock, e.Text[:len("时限")])
		}
	}
	if len(clock) != 3 {
		t.Errorf("the clock told %v", clock)
	}
	if told := w.told("a"); told[len(told)-1].Level != 1 || told[len(told)-1].Version != now.Version {
		t.Errorf("the city was told %+v", told[len(told)-1])
	}
	// what a clock does makes nobody's command too late
	if out := w.do(operator, c, Establish); out.Level != 0 || out.State != Established {
		t.Errorf("established it is %+v", out)
	}
	page, err := w.List(t.Context(), Whole(), Query{Late: true})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("late are %v, %v", page.Items, err)
	}
}

func TestAnUrgeMakesNoCommandTooLateAndPutsTheCaseFurtherUp(t *testing.T) {
	w := open(t)
	a := w.took(report("a"))
	w.add(time.Second)
	b := w.took(report("b"))
	if _, err := w.Urge(t.Context(), worker, b.ID, Remark{}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("urged by who may not: %v", err)
	}
	for range 2 {
		if _, err := w.Urge(t.Context(), leader, b.ID, Remark{ID: "u1", Text: "市民多次反映"}); err != nil {
			t.Fatal(err)
		}
	}
	page, err := w.List(t.Context(), Whole(), Query{Order: ByUrgency})
	if err != nil || page.Items[0].ID != "b" || page.Items[0].Urged != 1 {
		t.Errorf("first comes %+v, %v", page.Items, err)
	}
	w.do(operator, b, Establish) // with the version of before
	w.do(operator, a, Establish)
}

func TestASendersWordIsKeptOnceAndItsEndEndsTheCase(t *testing.T) {
	w := open(t)
	w.took(report("a"))
	for range 3 {
		if err := w.Told(t.Context(), Word{Event: "e1", ID: "a", Status: "handling", Note: "已派人", Source: "/feeds/hotline"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Told(t.Context(), Word{Event: "e2", ID: "a", Status: "closed", Source: "/feeds/hotline"}); err != nil {
		t.Fatal(err)
	}
	c := w.get("a")
	line, err := w.Timeline(t.Context(), Whole(), "a")
	if err != nil || len(line) != 3 || c.State != Closed || line[2].By != "/feeds/hotline" {
		t.Errorf("it is %s: %+v, %v", c.State, line, err)
	}
	if err := w.Told(t.Context(), Word{Event: "e3", ID: "none", Status: "closed", Source: "/feeds/hotline"}); !errors.Is(err, ErrUnknown) {
		t.Errorf("of one that is not there: %v", err)
	}
}

func TestAProofOfAWrongClockIsMarkedAndTheSameTwiceIsOne(t *testing.T) {
	w := open(t)
	c := w.took(report("a"))
	wrong := morning.Add(6 * time.Hour)
	lon, lat := 120.9591, 31.3845
	p := Proof{ID: "p1", Case: c.ID, Phase: "before", Media: "/media/x.jpg", SHA256: "ab", TakenAt: wrong, Lon: &lon, Lat: &lat}
	for range 2 {
		got, err := w.AddProof(t.Context(), worker, p, wrong)
		if err != nil || !got.Doubtful || got.Skew != 6*3600 || got.Away == nil || *got.Away < 90 || *got.Away > 100 || got.By != worker.Subject {
			t.Fatalf("kept as %+v, %v", got, err)
		}
	}
	p.SHA256 = "cd"
	if _, err := w.AddProof(t.Context(), worker, p, wrong); !errors.Is(err, ErrReused) {
		t.Errorf("another under its id: %v", err)
	}
	if _, err := w.AddProof(t.Context(), who("person:x", "nowhere"), Proof{ID: "p2", Case: c.ID, Phase: "before", Media: "/media/x.jpg"}, wrong); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("by who may not: %v", err)
	}
	list, err := w.Proofs(t.Context(), Whole(), c.ID)
	if err != nil || len(list) != 1 || w.get(c.ID).Proofs != 1 {
		t.Errorf("the proofs are %+v, %v", list, err)
	}
}

func TestOnlyTheReporterRatesAndOnce(t *testing.T) {
	w := open(t)
	c := w.handled("a")
	if _, err := w.Rate(t.Context(), flow.Actor{}, c.ID, "key-1", 5, ""); !errors.Is(err, flow.ErrNoSuchEvent) {
		t.Errorf("rated before its end: %v", err)
	}
	w.do(second, c, Close)
	if _, err := w.Rate(t.Context(), operator, c.ID, "", 5, ""); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("rated by somebody else: %v", err)
	}
	for range 2 {
		if got, err := w.Rate(t.Context(), flow.Actor{}, c.ID, "key-1", 4, "及时"); err != nil || got.Stars != 4 {
			t.Errorf("rated %+v, %v", got, err)
		}
	}
	if _, err := w.Rate(t.Context(), flow.Actor{}, c.ID, "key-1", 1, ""); !errors.Is(err, ErrInvalid) {
		t.Errorf("rated again: %v", err)
	}
}

func TestReadersSeeTheCasesOfTheirScopeWhateverTheyAskFor(t *testing.T) {
	w := open(t)
	mine, theirs, graded := report("a"), report("b"), report("c")
	theirs.Region = "320583104001001"
	graded.Grade = 2
	for _, r := range []Report{mine, theirs, graded} {
		w.took(r)
	}
	scope := Scope(database.Piece{Prefix: "320583100", Grade: 1})
	ids := func(q Query) string {
		p, err := w.List(t.Context(), scope, q)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range p.Items {
			out = append(out, c.ID)
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	for _, q := range []Query{{}, {Order: ByUrgency}, {Order: ByDue}, {Text: "井盖"}, {Text: "昆-20261124"}, {Class: "C01"}, {Region: "320583"}, {Open: true}} {
		if got := ids(q); got != "a" {
			t.Errorf("%+v lists %q", q, got)
		}
	}
	if got := ids(Query{Region: "320583104"}); got != "" {
		t.Errorf("elsewhere is %q", got)
	}
	if _, err := w.Get(t.Context(), scope, "b"); !errors.Is(err, ErrUnknown) {
		t.Errorf("one of elsewhere is read: %v", err)
	}
	for _, id := range []string{"b", "c"} {
		if line, err := w.Timeline(t.Context(), scope, id); err != nil || len(line) != 0 {
			t.Errorf("the timeline of %s is %v, %v", id, line, err)
		}
	}
	counts, err := w.Counts(t.Context(), scope, "", morning, 0)
	if err != nil || counts.Open != 1 || counts.ByState[Reported] != 1 || counts.ByGroup["C01"] != 1 || counts.ByRegion[grid].Open != 1 {
		t.Errorf("counted %+v, %v", counts, err)
	}
	// the second wall, where a condition was forgotten
	if all, err := w.cases(t.Context(), scope, "true", nil); err != nil || len(all) != 1 {
		t.Errorf("behind the wall are %d, %v", len(all), err)
	}
	if none, err := w.cases(t.Context(), database.Scope{}, "true", nil); err != nil || len(none) != 0 {
		t.Errorf("without a scope %d are seen, %v", len(none), err)
	}
}

func TestPagesFollowEachOtherInEveryOrderWithoutGapOrRepeat(t *testing.T) {
	w := open(t)
	for i := range 23 {
		r := report("r" + string(rune('a'+i)))
		r.Severity, r.Reported = 1+i%4, morning.Add(-time.Duration(i%5)*time.Minute)
		w.took(r)
	}
	for _, order := range []string{ByUrgency, ByNewest, ByDue} {
		seen := map[string]bool{}
		q := Query{Order: order, Limit: 5}
		for range 10 {
			p, err := w.List(t.Context(), Whole(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range p.Items {
				if seen[c.ID] {
					t.Errorf("%s: %s comes twice", order, c.ID)
				}
				seen[c.ID] = true
			}
			if q.After = p.Next; q.After == "" {
				break
			}
		}
		if len(seen) != 23 {
			t.Errorf("%s: %d of 23", order, len(seen))
		}
	}
	for _, q := range []Query{{Order: "none"}, {After: "nonsense"}} {
		if _, err := w.List(t.Context(), Whole(), q); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestMineAreThoseThatWaitForMeAndForMyUnitAndForMyVerification(t *testing.T) {
	w := open(t)
	w.duty["person:li"] = []string{"u1"}
	w.do(operator, w.took(report("unit")), Assign, "unit", "u1")
	w.do(operator, w.took(report("me")), Assign, "handler", worker.Subject)
	w.do(operator, w.took(report("call")), Offer, "units", "u1,u2")
	w.do(operator, w.took(report("else")), Assign, "unit", "u2")
	own := w.handled("own")
	other := w.do(operator, w.took(report("verify")), Assign, "handler", second.Subject)
	other = w.do(second, w.do(second, other, Accept), Arrive)
	w.do(second, w.proof(second, other, "pv"), Finish, "result", "好了")
	seer := flow.Seer{Subject: worker.Subject, Reach: func(string) []flow.Subtree { return []flow.Subtree{{Prefix: "320583100"}} }}
	list, err := w.Mine(t.Context(), Whole(), seer, []string{"u1"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		got = append(got, c.ID)
	}
	slices.Sort(got)
	if want := "call me unit verify"; strings.Join(got, " ") != want {
		t.Errorf("mine are %v, not %s (and %s is not to be verified by who handled it)", got, want, own.ID)
	}
}

func TestNewLimitsHoldForCasesOfTheirDayOnAndNotForThoseBefore(t *testing.T) {
	w := open(t)
	before := w.took(report("a"))
	c := manhole
	c.Limits.Establish, c.ValidFrom = 5, c.ValidFrom.Next(0)
	if _, err := w.PutLimits(t.Context(), flow.System(), c); !errors.Is(err, ErrInvalid) {
		t.Errorf("limits of a day that has passed: %v", err)
	}
	c.ValidFrom.Month, c.ValidFrom.Day = time.November, 25
	if _, err := w.PutLimits(t.Context(), worker, c); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("changed by who may not: %v", err)
	}
	if _, err := w.PutLimits(t.Context(), flow.System(), c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// the register is all tests'
		if _, err := w.pool.Exec(t.Context(), "truncate incident.class"); err != nil {
			t.Log(err)
		}
	})
	w.add(24 * time.Hour)
	after := w.took(report("b"))
	if before.Due.Sub(before.Since) != 30*time.Minute || after.Due.Sub(after.Since) != 5*time.Minute {
		t.Errorf("limits are %v before and %v after", before.Due.Sub(before.Since), after.Due.Sub(after.Since))
	}
}

func TestAReportThatCannotBeACaseIsRefusedForGood(t *testing.T) {
	w := open(t)
	for name, change := range map[string]func(*Report){
		"id":    func(r *Report) { r.ID = "a b" },
		"class": func(r *Report) { r.Class = "" },
		"lon":   func(r *Report) { r.Lat = 91 },
	} {
		r := report("a")
		change(&r)
		if _, err := w.Take(t.Context(), r); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	odd := report("odd")
	odd.Title, odd.Description, odd.Class, odd.Severity = "\x00\xff", strings.Repeat("啊", maxText+5), "X999", 0
	c := w.took(odd)
	if c.Severity != 4 || len([]rune(c.Description)) != maxText || c.Title == "" {
		t.Errorf("kept as %d %q", c.Severity, c.Title)
	}
}
