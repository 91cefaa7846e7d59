package incident

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/internal/flow"
)

func TestTheMachineHasNoDeadEndAndEveryWaitingStateAClock(t *testing.T) {
	if err := Machine(Options{}).Check(); err != nil {
		t.Fatal(err)
	}
}

func TestACaseGoesFromTheReportToItsVerifiedEnd(t *testing.T) {
	w := open(t)
	c := w.took(report("r1"))
	if c.No != "昆-20261124-00001" || c.State != Reported || c.Version != 2 || c.Due == nil || !c.Due.Equal(morning.Add(30*time.Minute)) {
		t.Fatalf("the case begins as %+v", c)
	}
	w.duty["person:li"] = []string{"u7"}
	w.add(time.Minute)
	c = w.do(operator, c, Establish)
	c = w.do(operator, c, Assign, "unit", "u7", "org", "/city/urban/", "note", "尽快")
	if c.Unit != "u7" || c.Org != "/city/urban/" {
		t.Fatalf("it was sent to %+v", c)
	}
	w.add(time.Minute)
	c = w.do(worker, c, Accept)
	if c.Handler != worker.Subject || c.Unit != "u7" {
		t.Fatalf("it was accepted by %+v", c)
	}
	handleBy := *c.Due
	w.add(20 * time.Minute)
	c = w.do(worker, c, Arrive)
	if !c.Due.Equal(handleBy) {
		t.Errorf("arriving moves the clock of the handling from %v to %v", handleBy, c.Due)
	}
	if _, err := w.try(worker, c, Finish, "result", "已更换"); !errors.Is(err, flow.ErrGuard) {
		t.Fatalf("finished without a photo of afterwards: %v", err)
	}
	c = w.do(worker, w.proof(worker, c, "p1"), Finish, "result", "已更换")
	if _, err := w.try(worker, c, Close); !errors.Is(err, flow.ErrNotAllowed) {
		t.Fatalf("verified by who handled it: %v", err)
	}
	c = w.do(second, c, Close)
	if c.State != Closed || c.Closed == nil || c.Due != nil {
		t.Fatalf("it ends as %+v", c)
	}
	line, err := w.Timeline(t.Context(), Whole(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, e := range line {
		events = append(events, string(e.Event)+":"+e.Kind)
	}
	want := "start:event establish:event assign:event accept:event arrive:event :proof finish:event close:event"
	if got := strings.Join(events, " "); got != want {
		t.Errorf("the timeline tells %s, not %s", got, want)
	}
	told := w.told("r1")
	versions := make([]int64, len(told))
	for i, r := range told {
		versions[i] = r.Version
	}
	if !slices.Equal(versions, []int64{2, 3, 4, 5, 6, 7, 8, 9}) || told[len(told)-1].State != Closed {
		t.Errorf("the city is told versions %v", versions)
	}
	var refused int
	for _, e := range *w.log.Load() {
		if e.Outcome == "refused" {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("the log has %d refusals", refused)
	}
}

func TestTheSameReportSentFiveTimesIsOneCase(t *testing.T) {
	w := open(t)
	var wg sync.WaitGroup
	got := make([]Case, 5)
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], err = w.Take(t.Context(), report("r1")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, c := range got {
		if c.No != got[0].No || c.No == "" {
			t.Errorf("one report became %q and %q", got[0].No, c.No)
		}
	}
	if n := len(w.told("r1")); n != 1 {
		t.Errorf("the city was told of it %d times", n)
	}
	if next := w.took(report("r2")); next.No != "昆-20261124-00002" {
		t.Errorf("the next number is %s", next.No)
	}
}

func TestOfTwoWhoAcceptAtOnceOneWinsAndTheOtherIsToldWho(t *testing.T) {
	w := open(t)
	w.duty["person:li"], w.duty["person:zhao"] = []string{"u1"}, []string{"u2"}
	for i := range 10 {
		c := w.do(operator, w.took(report("r"+string(rune('a'+i)))), Offer, "units", "u1,u2")
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, by := range []flow.Actor{worker, second} {
			wg.Go(func() { _, errs[i] = w.try(by, c, Accept) })
		}
		wg.Wait()
		var lost *Conflict
		switch {
		case errs[0] == nil && errors.As(errs[1], &lost):
			if lost.By != worker.Subject {
				t.Errorf("told that %s was faster", lost.By)
			}
		case errs[1] == nil && errors.As(errs[0], &lost):
			if lost.By != second.Subject {
				t.Errorf("told that %s was faster", lost.By)
			}
		default:
			t.Fatalf("accepting at once ends as %v and %v", errs[0], errs[1])
		}
		now := w.get(c.ID)
		if lost.ByName != strings.ToUpper(now.Handler) || lost.Version != now.Version || lost.State != Accepted || lost.Event != Accept {
			t.Errorf("told %+v of %+v", lost, now)
		}
		if want := w.duty[now.Handler][0]; now.Unit != want || len(now.Offered) > 0 {
			t.Errorf("accepted with %s, not %s: %v", now.Unit, want, now.Offered)
		}
	}
}

func TestTheSameCommandTwiceChangesNothingAndIsAnsweredAsTheFirstTime(t *testing.T) {
	w := open(t)
	c := w.do(operator, w.took(report("r1")), Assign, "handler", worker.Subject)
	cmd := Command{ID: "phone-1", Event: Accept, Version: c.Version}
	first, err := w.Fire(t.Context(), worker, c.ID, cmd)
	if err != nil {
		t.Fatal(err)
	}
	w.do(worker, first, Arrive)
	again, err := w.Fire(t.Context(), worker, c.ID, cmd)
	if err != nil || again.Version != first.Version || again.State != Accepted {
		t.Errorf("the second time it is answered %+v, %v", again, err)
	}
	if now := w.get(c.ID); now.Version != first.Version+1 {
		t.Errorf("the second time changed it to version %d", now.Version)
	}
	cmd.Event = Decline
	if _, err := w.Fire(t.Context(), worker, c.ID, cmd); !errors.Is(err, ErrReused) {
		t.Errorf("another command under the same id: %v", err)
	}
	// somebody else's phone may have the same id
	if _, err := w.Fire(t.Context(), second, c.ID, Command{ID: "phone-1", Event: Accept, Version: 1}); errors.Is(err, ErrReused) {
		t.Errorf("another person's command: %v", err)
	}
}

func TestOnlyWhoACaseWasSentToAcceptsIt(t *testing.T) {
	w := open(t)
	c := w.do(operator, w.took(report("r1")), Assign, "unit", "u7")
	if _, err := w.try(worker, c, Accept); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("accepted off duty: %v", err)
	}
	w.duty["person:li"] = []string{"u8"}
	if _, err := w.try(worker, c, Accept); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("accepted with another unit: %v", err)
	}
	if _, err := w.try(stranger, c, Accept); !errors.Is(err, flow.ErrNotAllowed) {
		t.Errorf("accepted from elsewhere: %v", err)
	}
	offers, err := w.Offers(t.Context(), worker, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range offers {
		if o.Event == Accept && (o.May || len(o.WhyNot) != 1) {
			t.Errorf("accepting is offered as %+v", o)
		}
	}
	w.duty["person:li"] = []string{"u7"}
	c = w.do(worker, c, Accept)
	// once accepted it is one person's, whoever else is on the unit
	w.duty["person:zhao"] = []string{"u7"}
	if _, err := w.try(second, c, Arrive); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("somebody else arrived: %v", err)
	}
	w.do(operator, c, Arrive) // who sends may do it for them
}

func TestWhoLosesTheirRoleInTheMiddleGoesNoFurtherAndSomebodyElseIsSent(t *testing.T) {
	w := open(t)
	c := w.do(operator, w.took(report("r1")), Assign, "handler", worker.Subject)
	c = w.do(worker, c, Accept)
	dismissed := who(worker.Subject, "320583100")
	if _, err := w.try(dismissed, c, Arrive); !errors.Is(err, flow.ErrNotAllowed) {
		t.Fatalf("went on without a role: %v", err)
	}
	c = w.do(operator, w.get(c.ID), Assign, "handler", second.Subject)
	c = w.do(second, c, Accept)
	if c.Handler != second.Subject {
		t.Errorf("it is %s's", c.Handler)
	}
}

func TestEveryOtherWayOfTheMachine(t *testing.T) {
	w := open(t)
	w.duty["person:li"] = []string{"u1"}
	fresh := func(id string) Case { return w.took(report(id)) }
	accepted := func(id string) Case {
		return w.do(worker, w.do(operator, fresh(id), Assign, "unit", "u1"), Accept)
	}
	at := func(c Case, want flow.State) Case {
		t.Helper()
		if c.State != want {
			t.Fatalf("case %s is %s, not %s", c.ID, c.State, want)
		}
		return c
	}
	at(w.do(operator, fresh("a"), Reject, "reason", "重复"), Rejected)
	c := at(w.do(worker, w.do(operator, fresh("b"), Assign, "unit", "u1"), Decline, "reason", "不在岗"), Established)
	if c.Unit != "" {
		t.Errorf("a declined case is still %s's", c.Unit)
	}
	c = at(w.do(worker, accepted("c"), GiveBack, "reason", "不属我方"), Established)
	c = at(w.do(operator, c, Suspend, "reason", "等待配件"), Suspended)
	final := *c.Final
	w.add(3 * time.Hour)
	c = at(w.do(operator, c, Resume), Established)
	if !c.Final.Equal(final.Add(3 * time.Hour)) {
		t.Errorf("after a suspension of 3 h it must be done by %v, not 3 h after %v", c.Final, final)
	}
	c = at(w.do(worker, accepted("d"), AskDelay, "reason", "缺配件", "until", "2026-11-28"), Delaying)
	c = at(w.do(operator, c, GrantDelay), Handling)
	end := time.Date(2026, 11, 28, 16, 0, 0, 0, time.UTC)
	if !c.Due.Equal(end) || !c.Final.Equal(end) {
		t.Errorf("granted until the end of 28 November, it is due %v and %v", c.Due, c.Final)
	}
	c = accepted("e")
	due := *c.Due
	w.add(time.Hour)
	c = w.do(worker, c, AskDelay, "reason", "缺配件", "until", "2026-11-28")
	w.add(time.Hour)
	c = at(w.do(operator, c, RefuseDelay, "reason", "必须当日完成"), Handling)
	if !c.Due.Equal(due) {
		t.Errorf("refused, it is due %v, not %v", c.Due, due)
	}
	c = at(w.do(operator, fresh("f"), HandOver, "partner", "province"), External)
	if c.Partner != "province" {
		t.Errorf("handed over to %q", c.Partner)
	}
	c = at(w.do(operator, c, TakeBack, "reason", "对方退回"), Established)
	c = at(w.do(operator, c, HandOver, "partner", "province"), External)
	c = at(w.do(flow.System(), c, ComeBack, "result", "已处理"), Handled)
	c = at(w.do(second, c, Rework, "reason", "未清理干净"), Assigned)
	if c.Reworks != 1 {
		t.Errorf("%d reworks", c.Reworks)
	}
	h := w.handled("g")
	h = at(w.do(second, h, Rework, "reason", "仍有缺口"), Assigned)
	h = w.do(worker, w.do(worker, h, Accept), Arrive)
	if _, err := w.try(worker, h, Finish, "result", "再次处置"); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("finished anew with the photo of the first time: %v", err)
	}
}

func TestAMissingReasonIsNamedAndTheReasonMayStandInWhy(t *testing.T) {
	w := open(t)
	c := w.took(report("r1"))
	var incomplete *flow.Incomplete
	if _, err := w.try(operator, c, Reject); !errors.As(err, &incomplete) || incomplete.Fields[0].Name != "reason" {
		t.Errorf("rejected without a reason: %v", err)
	}
	if _, err := w.try(operator, c, Assign); !errors.As(err, &incomplete) || incomplete.Fields[0].Name != "unit" {
		t.Errorf("sent nobody: %v", err)
	}
	if _, err := w.try(operator, c, Offer, "units", " , "); !errors.As(err, &incomplete) {
		t.Errorf("offered to nobody: %v", err)
	}
	out, err := w.Fire(t.Context(), operator, c.ID, Command{Event: Reject, Version: c.Version, Why: "重复上报"})
	if err != nil || out.State != Rejected {
		t.Errorf("rejected with the reason in why: %v", err)
	}
}
