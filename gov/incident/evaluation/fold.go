package evaluation

import (
	"slices"
	"time"

	"onecity/gov/incident"
	"onecity/internal/flow"
)

// foldVersion is raised when the fold or the measures change: then all cases
// are counted anew.
const foldVersion = 2

// satisfied is how many stars 满意 begins with.
const satisfied = 4

// Part is so much of a measure at a time, by somebody. Short names: a case has
// about fifteen.
type Part struct {
	At      time.Time `json:"t"`
	Measure Measure   `json:"m"`
	N       float64   `json:"n"`
	Unit    string    `json:"u,omitempty"`
	Person  string    `json:"p,omitempty"` // subject
}

// story is a case with what happened to it.
type story struct {
	id, region, class, org, reporter string
	due, final                       *time.Time // of its present state, and of the whole
	stars                            int
	entries                          []entry // by time
}

// entry is a line of its timeline, or a clock that ran out.
type entry struct {
	at          time.Time
	kind        string // incident.Entry.Kind, or a kind of flow.Message
	event       flow.Event
	from, state flow.State
	by, unit    string
	due         *time.Time // when the clock of from was to run out
}

// teller folds a story.
type teller struct {
	s     *story
	now   time.Time
	parts []Part
	wakes *time.Time

	opened, firstSent, firstEnd, closed *time.Time
	// handleOver is when the time for handling ran out, before it was handled.
	handleOver *time.Time
	// over says that the clock of the present state has run out.
	over bool
	// sent is which of the parts the dispatch is that holds now; -1: none.
	sent                                int
	unit, handler, finisher, finishUnit string
	established, ended                  bool
	reworked, delayed, suspended        bool
}

// fold says what a case counts for at a time, and when it will count for more
// although nobody does anything.
func fold(s *story, now time.Time) ([]Part, *time.Time) {
	t := &teller{s: s, now: now, sent: -1}
	for i := range s.entries {
		t.take(&s.entries[i])
	}
	t.present()
	t.conclude()
	slices.SortStableFunc(t.parts, func(a, b Part) int { return a.At.Compare(b.At) })
	return t.parts, t.wakes
}

// present looks at the clock that runs now: it may have run out before the
// kernel has said so, and will otherwise.
func (t *teller) present() {
	due := t.s.due
	if due == nil || t.over {
		return
	}
	if t.now.Before(*due) {
		t.wakes = due
		return
	}
	t.runOut(&entry{at: *due, state: t.last()})
}

func (t *teller) count(at time.Time, m Measure, n float64, unit, person string) {
	t.parts = append(t.parts, Part{At: at, Measure: m, N: n, Unit: unit, Person: subject(person)})
}

// subject is who counts as a person: not a citizen's key or a telephone number.
func subject(by string) string {
	if len(by) > 7 && by[:7] == "person:" || len(by) > 4 && by[:4] == "app:" {
		return by
	}
	return ""
}

func (t *teller) take(e *entry) {
	if t.opened == nil {
		t.opened = &e.at
	}
	switch e.kind {
	case flow.KindOverdue:
		t.runOut(e)
		return
	case flow.KindEscalation:
		t.count(e.at, Escalated, 1, t.unit, "")
		return
	case "urge":
		t.count(e.at, UrgedTimes, 1, t.unit, t.handler)
		return
	}
	if e.state == "" || e.state == e.from || e.from == "" && e.event == "" {
		return
	}
	if e.due != nil && e.due.Before(e.at) { // the clock was slower than whoever moved it on
		t.runOut(&entry{at: *e.due, state: e.from})
	}
	t.move(e)
	t.over = false
}

// runOut is the clock of a state at its end.
func (t *teller) runOut(e *entry) {
	if t.over {
		return
	}
	t.over = true
	switch e.state {
	case incident.Reported:
		t.count(e.at, JudgeDue, 1, "", "")
	case incident.Established:
		t.count(e.at, DispatchDue, 1, "", "")
	case incident.Accepted, incident.Handling, incident.External:
		if t.handleOver == nil && t.firstEnd == nil {
			t.handleOver = &e.at
		}
	case incident.Handled:
		t.count(e.at, VerifyDue, 1, "", "")
	}
}

// leave counts what was to be done in a state, on the day that it was or had to
// be done.
func (t *teller) leave(e *entry, due, onTime Measure) {
	if t.over {
		return // it was counted as due when the clock ran out
	}
	t.count(e.at, due, 1, "", e.by)
	t.count(e.at, onTime, 1, "", e.by)
}

func (t *teller) move(e *entry) {
	switch e.from {
	case incident.Reported:
		t.leave(e, JudgeDue, JudgedOnTime)
	case incident.Established:
		if e.event == incident.Assign || e.event == incident.Offer {
			t.leave(e, DispatchDue, DispatchOnTime)
		}
	case incident.Handled:
		if e.event == incident.Close || e.event == incident.Rework {
			t.leave(e, VerifyDue, VerifiedOnTime)
		}
	}
	switch e.event {
	case incident.Assign, incident.Offer:
		t.send(e)
	case incident.Accept:
		t.handler = e.by
		if e.unit != "" && e.unit != t.unit {
			t.unit = e.unit
			if t.sent >= 0 && t.parts[t.sent].Unit == "" {
				t.parts[t.sent].Unit = e.unit
			}
		}
	case incident.Decline, incident.GiveBack:
		if t.sent >= 0 {
			back := t.parts[t.sent]
			back.Measure = Returned
			t.parts = append(t.parts, back)
			t.sent = -1
		}
		t.unit, t.handler = "", ""
	case incident.GrantDelay:
		t.delayed = true
	case incident.Suspend:
		t.suspended = true
	case incident.Rework:
		t.reworked = true
	}
	switch e.state {
	case incident.Established, incident.Offered, incident.Assigned, incident.External:
		t.established, t.ended = true, false
	case incident.Handled:
		if t.firstEnd == nil {
			t.firstEnd, t.finisher, t.finishUnit = &e.at, e.by, t.unit
		}
	case incident.Closed:
		t.closed = &e.at
		if t.firstEnd == nil { // the sender's system ended it
			t.firstEnd, t.finishUnit = &e.at, t.unit
		}
	case incident.Rejected, incident.Merged:
		t.ended = true
	case incident.Reported: // split again
		t.ended = false
	}
}

// send is a dispatch: each counts, and stays until it is sent back or another
// takes its place.
func (t *teller) send(e *entry) {
	t.established = true
	unit := e.unit
	if e.event == incident.Offer {
		unit = "" // several are called: it is whose who accepts
	}
	t.unit, t.handler = unit, ""
	if t.firstSent == nil {
		t.firstSent = &e.at
	}
	t.sent = len(t.parts)
	t.count(e.at, Dispatched, 1, unit, e.by)
}

// conclude counts what is known when all is told.
func (t *teller) conclude() {
	if t.opened == nil {
		return
	}
	s := t.s
	t.count(*t.opened, Reports, 1, "", s.reporter)
	switch last := t.last(); {
	case last == incident.Merged:
		t.count(*t.opened, MergedInto, 1, "", s.reporter)
	case last == incident.Rejected:
		t.count(*t.opened, Rejected, 1, "", s.reporter)
	case t.established || t.closed != nil:
		t.count(*t.opened, Established, 1, "", s.reporter)
	}
	if t.ended {
		return
	}
	t.handling()
	t.closing()
}

func (t *teller) last() flow.State {
	for i := len(t.s.entries) - 1; i >= 0; i-- {
		if e := t.s.entries[i]; e.state != "" && e.kind != flow.KindOverdue && e.kind != flow.KindEscalation {
			return e.state
		}
	}
	return ""
}

// handling counts the case on the day on which it was handled, or should have
// been.
func (t *teller) handling() {
	at := t.firstEnd
	if t.handleOver != nil {
		at = t.handleOver
	}
	if at == nil {
		return
	}
	unit, who := t.unit, t.handler
	if t.firstEnd != nil {
		unit, who = t.finishUnit, t.finisher
	}
	add := func(m Measure, n float64) { t.count(*at, m, n, unit, who) }
	add(Due, 1)
	if t.firstEnd != nil {
		add(Handled, 1)
		if t.firstSent != nil {
			add(HandlingMinutes, t.firstEnd.Sub(*t.firstSent).Minutes())
		}
		if t.handleOver == nil {
			add(HandledOnTime, 1)
		}
	}
	if t.reworked {
		add(Reworked, 1)
	}
	if t.delayed {
		add(Delayed, 1)
	}
	if t.suspended {
		add(Suspended, 1)
	}
}

// closing is the same for the whole.
func (t *teller) closing() {
	final := t.s.final
	at, onTime := t.closed, t.closed != nil
	if final != nil && (t.closed == nil || final.Before(*t.closed)) {
		onTime = false
		if t.now.Before(*final) && t.closed == nil {
			if t.wakes == nil || final.Before(*t.wakes) {
				t.wakes = final
			}
			return
		}
		at = final
	}
	if at == nil || !t.established && t.closed == nil {
		return
	}
	unit, who := t.unit, t.handler
	if t.firstEnd != nil {
		unit, who = t.finishUnit, t.finisher
	}
	add := func(m Measure, n float64) { t.count(*at, m, n, unit, who) }
	add(CloseDue, 1)
	if t.closed == nil {
		return
	}
	add(Closed, 1)
	add(ClosingMinutes, t.closed.Sub(*t.opened).Minutes())
	if onTime {
		add(ClosedOnTime, 1)
	}
	if stars := t.s.stars; stars > 0 {
		add(Rated, 1)
		add(Stars, float64(stars))
		if stars >= satisfied {
			add(Satisfied, 1)
		}
	}
}
