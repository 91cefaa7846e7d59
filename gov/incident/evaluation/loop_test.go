package evaluation

import (
	"testing"
	"time"

	"onecity/gov/incident"
)

func TestACaseThatGoesWellCountsOnceForEachStep(t *testing.T) {
	w := open(t)
	c := w.took("r1", manhole.Code, grid1, "person:sun")
	w.pass(10 * time.Minute)
	c = w.handled(c, worker, "00010002")
	w.do(second, c, incident.Close)
	got := w.table(ByRegion, "")
	want := "reports=1 established=1 judge_due=1 judged_on_time=1 dispatched=1 due=1 handled=1 handled_on_time=1 handling_minutes=60 " +
		"close_due=1 closed=1 closed_on_time=1 closing_minutes=70 verify_due=1 verified_on_time=1"
	if s := said(&got.Total.counts); s != want {
		t.Errorf("it counts for\n%s, not\n%s", s, want)
	}
	for _, r := range []struct{ by, key, want string }{
		{"region", "320583100", want},
		{"class", manhole.Code, want},
		{"org", "00010002", want},
		{"unit", "u-li", "dispatched=1 due=1 handled=1 handled_on_time=1 handling_minutes=60 close_due=1 closed=1 closed_on_time=1 closing_minutes=70"},
		{"person", "person:sun", "reports=1 established=1"},
		{"person", "person:wang", "judge_due=1 judged_on_time=1 dispatched=1"},
		{"person", "person:li", "due=1 handled=1 handled_on_time=1 handling_minutes=60 close_due=1 closed=1 closed_on_time=1 closing_minutes=70"},
		{"person", "person:zhao", "verify_due=1 verified_on_time=1"},
		{"post", "派遣员", "judge_due=1 judged_on_time=1 dispatched=1"},
	} {
		table := w.table(By(r.by), "")
		row := table.row(r.key)
		if s := said(&row.counts); s != r.want {
			t.Errorf("%s %s counts for\n%s, not\n%s", r.by, r.key, s, r.want)
		}
	}
}

func TestIndicatorsAreThoseThatAreCountedByHand(t *testing.T) {
	w := open(t)
	// Five reports: one is rejected, one merged, one is handled and closed in
	// time, one handled twice, one sent back and then late.
	w.do(operator, w.took("rejected", litter.Code, grid1, "person:sun"), incident.Reject, "reason", "不属实")
	good := w.took("good", litter.Code, grid1, "person:sun")
	same := w.took("same", litter.Code, grid1, "key-of-a-citizen")
	if _, err := w.cases.Merge(t.Context(), operator, same.ID, good.ID, same.Version, "同一处"); err != nil {
		t.Fatal(err)
	}
	late := w.sent(w.took("late", litter.Code, grid2, "person:sun"), worker, "00010003")
	late = w.do(worker, late, incident.Decline, "reason", "不归我管")
	late = w.do(second, w.sent(late, second, "00010002"), incident.Accept)
	good = w.handled(good, worker, "00010002") // one hour
	w.do(second, good, incident.Close)
	again := w.handled(w.took("again", litter.Code, grid3, "person:sun"), worker, "00010002") // another
	again = w.do(second, again, incident.Rework, "reason", "没干净")
	again = w.do(worker, w.do(worker, again, incident.Accept), incident.Arrive)
	again = w.do(worker, again, incident.Finish, "result", "这次好了")
	again = w.do(second, again, incident.Close)
	if _, err := w.cases.Rate(t.Context(), who("person:sun"), again.ID, "person:sun", 5, "谢谢"); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute) // the two hours for handling are over

	got := w.table(ByRegion, "")
	for code, want := range map[string]float64{
		"reports": 5, "established-rate": 60, // three of five
		"dispatch-accuracy": 75, "return-rate": 25, // one of four came back
		"handled-rate": 66.6667, "handled-on-time-rate": 66.6667, "rework-rate": 33.3333, // of three
		"closed-rate": 100, "closed-on-time-rate": 100, // the late one has till the evening
		"handling-time": 60, "satisfaction": 100, "stars": 5, "delay-rate": 0,
	} {
		if v := got.Total.Values[code]; v == nil || *v != want {
			t.Errorf("%s is %v, by hand %v: %s", code, deref(v), want, said(&got.Total.counts))
		}
	}
	if row := got.row("320583101"); *row.Values["rework-rate"] != 100 {
		t.Errorf("of the other town's one case one was reworked, not %v %%", *row.Values["rework-rate"])
	}

	// In the evening the whole of the late one is over, and nobody has done anything.
	before := w.table(ByRegion, "").Total.counts[CloseDue]
	w.pass(4 * time.Hour)
	after := w.table(ByRegion, "").Total
	if after.counts[CloseDue] != before+1 || *after.Values["closed-rate"] != 66.6667 {
		t.Errorf("time makes due %v → %v; the rate is %v", before, after.counts[CloseDue], *after.Values["closed-rate"])
	}
	// When it is done after all it is handled, but not in time.
	late = w.do(second, w.do(second, late, incident.Arrive), incident.Finish, "result", "终于")
	w.do(worker, late, incident.Close)
	done := w.table(ByRegion, "").Total
	if *done.Values["handled-rate"] != 100 || *done.Values["handled-on-time-rate"] != 66.6667 || *done.Values["closed-on-time-rate"] != 66.6667 {
		t.Errorf("in the end: %s", said(&done.counts))
	}
	if row := w.table(ByUnit, "").row("u-zhao"); row.counts[Due] != 1 || row.counts[HandledOnTime] != 0 || row.counts[Returned] != 0 {
		t.Errorf("the unit that was late: %s", said(&row.counts))
	}
	if row := w.table(ByUnit, "").row("u-li"); row.counts[Returned] != 1 {
		t.Errorf("the unit that sent back: %s", said(&row.counts))
	}
}

func TestWhoIsQuickerThanTheClockIsNotInTime(t *testing.T) {
	w := open(t)
	later := func(d time.Duration) { // and no clock strikes
		next := w.now.Load().Add(d)
		w.now.Store(&next)
	}
	c := w.took("r1", litter.Code, grid1, "person:sun")
	later(61 * time.Minute) // one hour to judge
	c = w.do(operator, c, incident.Establish)
	later(time.Hour) // the very end of the hour to dispatch is in time
	c = w.do(worker, w.sent(c, worker, "00010002"), incident.Accept)
	later(90 * time.Minute)
	c = w.do(worker, c, incident.Arrive)
	later(31 * time.Minute) // two hours for the way and the work
	c = w.do(worker, c, incident.Finish, "result", "晚了一分钟")
	later(59 * time.Minute)
	w.do(second, c, incident.Close)
	total := w.table(ByRegion, "").Total
	want := "reports=1 established=1 judge_due=1 dispatch_due=1 dispatched_on_time=1 dispatched=1 due=1 handled=1 handling_minutes=121 " +
		"close_due=1 closed=1 closing_minutes=301 verify_due=1 verified_on_time=1"
	if s := said(&total.counts); s != want {
		t.Errorf("it counts for\n%s, not\n%s", s, want)
	}
	if row := w.table(ByUnit, "").row("u-li"); row.counts[Due] != 1 || row.counts[HandledOnTime] != 0 {
		t.Errorf("the unit that was late: %s", said(&row.counts))
	}
}

func TestWithoutAnythingToCountThereIsNoValue(t *testing.T) {
	w := open(t)
	for code, v := range w.table(ByClass, "").Total.Values {
		if v != nil && code != "reports" {
			t.Errorf("%s of nothing is %v", code, *v)
		}
	}
	if rows := w.table(ByRegion, "").Rows; len(rows) != 2 || rows[0].Name != "镇00" {
		t.Errorf("a city where nothing happened has the rows %v", rows)
	}
}

func deref(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}
