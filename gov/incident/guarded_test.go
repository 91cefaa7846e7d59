package incident

import (
	"errors"
	"testing"

	"onecity/internal/flow"
)

func TestACaseIsNotMergedIntoOneThatTheDispatcherMayNotLeadOn(t *testing.T) {
	w := open(t)
	r := report("elsewhere")
	r.Region = stranger104
	r.ID = "theirs"
	theirs, ours := w.took(r), w.took(report("ours"))
	if _, err := w.try(dispatcher, ours, Merge, "into", theirs.ID); !errors.Is(err, ErrUnknown) {
		t.Errorf("merged into another town's case: %v", err)
	}
	if _, err := w.Merge(t.Context(), dispatcher, ours.ID, theirs.ID, ours.Version, "抢案"); !errors.Is(err, ErrUnknown) {
		t.Errorf("merged into another town's case: %v", err)
	}
	if is := w.get(theirs.ID); is.Version != theirs.Version || is.Merged != 0 {
		t.Errorf("another town's case was changed: %+v", is)
	}
	if is := w.get(ours.ID); is.State != Reported {
		t.Errorf("the case is %s", is.State)
	}
}

const stranger104 = "320583104001001"

var dispatcher = who("person:town", "320583100", actReport, actSend, actHandle, actCheck)

func TestWhoSaidThatAnotherSystemHasDoneItDoesNotVerifyIt(t *testing.T) {
	w := open(t)
	c := w.do(operator, w.took(report("a")), HandOver, "partner", "province")
	c = w.do(operator, c, ComeBack, "result", "已处理")
	for _, e := range []flow.Event{Close, Rework} {
		if _, err := w.try(operator, c, e, "reason", "未清理"); !errors.Is(err, flow.ErrNotAllowed) {
			t.Errorf("one person alone: %s: %v", e, err)
		}
	}
	mine, err := w.Mine(t.Context(), Whole(), flow.Seer{Subject: operator.Subject, Reach: func(string) []flow.Subtree {
		return []flow.Subtree{{Axis: flow.ByRegion, Prefix: "320583"}}
	}}, nil)
	if err != nil || len(mine) != 0 {
		t.Errorf("it waits for who may not verify it: %v, %v", mine, err)
	}
	w.do(second, c, Close)
}

func TestWhoReportedIsNotToldToWhoComesTooLate(t *testing.T) {
	w := open(t)
	r := report("a")
	r.Reporter = "person:zhang"
	c := w.took(r)
	c.Version--
	var late *Conflict
	if _, err := w.try(who("person:viewer", "320583"), c, Establish); !errors.As(err, &late) || late.By != "" || late.ByName != "" {
		t.Errorf("somebody who may do nothing is told who reported: %+v, %v", late, err)
	}
}

func TestACaseIsAcceptedWithOnesOwnUnitOnly(t *testing.T) {
	w := open(t)
	w.duty[worker.Subject] = []string{"u1"}
	c := w.do(operator, w.took(report("a")), Assign, "handler", worker.Subject)
	if _, err := w.try(worker, c, Accept, "unit", "ambulance"); !errors.Is(err, flow.ErrGuard) {
		t.Errorf("accepted with a unit of somebody else's: %v", err)
	}
	if c = w.do(worker, c, Accept, "unit", "u1"); c.Unit != "u1" {
		t.Errorf("accepted with %q", c.Unit)
	}
	c = w.do(operator, w.took(report("b")), Assign, "unit", "u1")
	if c = w.do(worker, c, Accept, "unit", "u1"); c.Unit != "u1" {
		t.Errorf("accepted with %q", c.Unit)
	}
}

func TestWhatTheDatabaseCannotKeepIsRefusedForGood(t *testing.T) {
	w := open(t)
	c := w.took(report("a"))
	if _, err := w.Note(t.Context(), operator, c.ID, Remark{ID: "n\x00", Text: "在办"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a note's id: %v", err)
	}
	if _, err := w.AddProof(t.Context(), operator, Proof{ID: "p\x00", Case: c.ID, Phase: "after", Media: "/media/a.jpg"}, c.Reported); !errors.Is(err, ErrInvalid) {
		t.Errorf("a proof's id: %v", err)
	}
	if _, err := w.List(t.Context(), Whole(), Query{Text: "井盖\x00"}); err != nil {
		t.Errorf("a search: %v", err)
	}
}
