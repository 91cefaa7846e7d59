package flow

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"onecity/internal/calendar"

	"github.com/riverqueue/river"
)

// kinds are what happened to an item, in short.
func kinds(t testing.TB, e *Engine, it Item) string {
	t.Helper()
	h, err := e.History(t.Context(), it.Machine, it.ID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range h {
		out = append(out, strings.TrimPrefix(r.Kind, "flow."))
	}
	return strings.Join(out, " ")
}

// sweep lets the clocks strike, twice: the second time must find nothing.
func sweep(t testing.TB, e *Engine, want int) {
	t.Helper()
	for _, n := range []int{want, 0} {
		got, err := e.Sweep(t.Context())
		if err != nil || got != n {
			t.Fatalf("%d clocks struck, want %d: %v", got, n, err)
		}
	}
}

func get(t testing.TB, e *Engine, it Item) Item {
	t.Helper()
	now, err := e.Get(t.Context(), it.Machine, it.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

func TestAClockWarnsFindsOverdueAndRaisesTheLevelAgainAndAgain(t *testing.T) {
	w := newWatch(morning)
	b := &broker{}
	e := newEngine(t, open(t), Options{Now: w.Now, Publish: b.publish}, permit())
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))

	w.set(morning.Add(8*time.Minute - time.Microsecond))
	sweep(t, e, 0)
	w.add(time.Microsecond)
	sweep(t, e, 1)
	if got := kinds(t, e, it); got != "started transition warning" {
		t.Fatal(got)
	}
	w.set(morning.Add(10 * time.Minute))
	sweep(t, e, 1)
	if now := get(t, e, it); now.Level != 1 || now.Version != it.Version || !now.Due.Equal(*it.Due) {
		t.Fatalf("overdue: %+v", now)
	}
	w.set(morning.Add(26 * time.Minute)) // the program was down for three more rounds of five minutes
	sweep(t, e, 1)
	if got, now := kinds(t, e, it), get(t, e, it); got != "started transition warning overdue escalated escalated escalated escalated" || now.Level != 4 {
		t.Fatal(got, now.Level)
	}
	// a clock does not spoil the form that somebody has open
	it = must(t)(fire(e, "bob", it, "pass", opinion()))
	if it.Level != 0 {
		t.Errorf("level %d in a new state", it.Level)
	}
	if _, err := e.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range b.all() {
		got = append(got, strings.TrimPrefix(m.Kind, "flow."))
	}
	if strings.Join(got, " ") != "started transition warning overdue escalated escalated escalated escalated transition" {
		t.Errorf("the broker was told %v", got)
	}
}

func TestAClockThatRunsOutFiresItsEventByTheProgram(t *testing.T) {
	w := newWatch(morning) // Tuesday 09:30 in China
	pool := open(t)
	e := newEngine(t, pool, Options{Now: w.Now}, permit())
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	it = must(t)(fire(e, "bob", it, "pass", opinion()))
	// 14 working hours: 6.5 on Tuesday, 7 on Wednesday, half an hour on Thursday
	if want := time.Date(2026, 11, 26, 1, 30, 0, 0, time.UTC); !it.Due.Equal(want) || !it.WarnAt.Equal(time.Date(2026, 11, 25, 1, 30, 0, 0, time.UTC)) {
		t.Fatalf("due %v, warning %v", it.Due, it.WarnAt)
	}
	w.set(it.Due.Add(time.Hour)) // the warning was missed as well
	sweep(t, e, 1)
	now := get(t, e, it)
	if now.State != "review" || now.Version != it.Version+1 || !now.Since.Equal(w.Now()) || now.Due == nil {
		t.Fatalf("now %+v", now)
	}
	if got := kinds(t, e, it); got != "started transition transition warning overdue transition" {
		t.Error(got)
	}
	if n := count(t, pool, `select count(*) from audited where actor = 'system' and action = 'test.permit.expire' and outcome = 'done'`); n != 1 {
		t.Errorf("audited %d times", n)
	}
}

func TestAnEscalationThatAGuardRefusesRaisesTheLevelInstead(t *testing.T) {
	w := newWatch(morning)
	m := permit()
	m.Transitions[3].Guards = m.Transitions[2].Guards[:1]
	e := newEngine(t, open(t), Options{Now: w.Now}, m)
	it, err := e.Start(t.Context(), anyone("person:ann"), Item{Machine: m.Name, ID: "p:1", Title: "x", Subject: "person:ann"}, "")
	if err != nil {
		t.Fatal(err)
	}
	it = must(t)(fire(e, "ann", it, "submit", nil))
	it = must(t)(fire(e, "bob", it, "pass", opinion()))
	w.set(*it.Due)
	sweep(t, e, 1)
	if now := get(t, e, it); now.State != "approval" || now.Level != 1 {
		t.Errorf("now %+v", now)
	}
	h, err := e.History(t.Context(), it.Machine, it.ID)
	if last := h[len(h)-1]; err != nil || last.Kind != KindEscalation || !strings.Contains(last.Why, "the title must hold") && !strings.Contains(last.Why, "The title must hold") {
		t.Errorf("told %+v, %v", last, err)
	}
}

func TestAClockOfAStateThatWasLeftIsVoid(t *testing.T) {
	w := newWatch(morning)
	pool := open(t)
	e := newEngine(t, pool, Options{Now: w.Now}, permit())
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	must(t)(fire(e, "bob", it, "pass", opinion()))
	if n := count(t, pool, `select count(*) from flow.river_job where args @> '{"version": 2}'`); n != 0 {
		t.Errorf("its job is still there, %d times", n)
	}
	if n := count(t, pool, `select count(*) from flow.river_job where args @> '{"version": 3}'`); n != 1 {
		t.Errorf("the new state's job is there %d times", n)
	}
	w.set(morning.Add(9 * time.Minute))
	if next, err := e.strike(t.Context(), it.Machine, it.ID, it.Version); err != nil || !next.IsZero() {
		t.Fatal(next, err)
	}
	if next, err := e.strike(t.Context(), it.Machine, "gone", 1); err != nil || !next.IsZero() {
		t.Fatal(next, err)
	}
	if got := kinds(t, e, it); got != "started transition transition" {
		t.Error(got)
	}
}

func TestTwoProcessesLetAClockStrikeOnce(t *testing.T) {
	w := newWatch(morning)
	pool := open(t)
	a, b := newEngine(t, pool, Options{Now: w.Now}, permit()), newEngine(t, pool, Options{Now: w.Now}, permit())
	var its []Item
	for i := range 30 {
		its = append(its, must(t)(fire(a, "ann", begun(t, a, fmt.Sprint("p:", i)), "submit", nil)))
	}
	w.set(morning.Add(12 * time.Minute))
	done := make(chan error, 2)
	for _, e := range []*Engine{a, b} {
		go func() { _, err := e.Sweep(context.Background()); done <- err }()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	for _, it := range its {
		if got := kinds(t, a, it); got != "started transition warning overdue escalated" {
			t.Fatal(it.ID, got)
		}
	}
}

func TestALimitMayDependOnTheItem(t *testing.T) {
	m := permit()
	m.States[1].Clock.For = func(it Item) Limit {
		if it.Region == "320583003" {
			return Limit{Days: 2}
		}
		return Limit{}
	}
	e := newEngine(t, open(t), Options{Now: newWatch(morning).Now}, m)
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	if want := time.Date(2026, 11, 26, 9, 30, 0, 0, time.UTC); !it.Due.Equal(want) {
		t.Errorf("due %v, want the end of Thursday's work %v", it.Due, want)
	}
	other, err := e.Start(t.Context(), anyone("person:ann"), Item{Machine: m.Name, ID: "p:2", Title: "证", Subject: "person:ann"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if other = must(t)(fire(e, "ann", other, "submit", nil)); other.Due.Sub(other.Since) != 10*time.Minute {
		t.Errorf("due after %v", other.Due.Sub(other.Since))
	}
}

func TestANewCalendarMovesTheDeadlinesThatAreStillToCome(t *testing.T) {
	w := newWatch(time.Date(2026, 12, 30, 1, 30, 0, 0, time.UTC)) // a Wednesday
	var inForce calendar.Current
	m := permit()
	m.States[1].Clock = &Clock{Limit: Limit{Days: 3}, Warn: .5}
	e := newEngine(t, open(t), Options{Now: w.Now, Calendar: inForce.Get}, m)
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	if want := time.Date(2027, 1, 4, 9, 30, 0, 0, time.UTC); !it.Due.Equal(want) { // as if New Year were worked
		t.Fatalf("due %v", it.Due)
	}
	day := func(d int) calendar.Date { return calendar.Date{Year: 2027, Month: 1, Day: d} }
	next, err := inForce.Get().With([]calendar.Year{{Year: 2027, Source: "a test", Holidays: []calendar.Holiday{{Name: "元旦", From: day(1), To: day(3)}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	inForce.Set(next)
	if n, err := e.Rewind(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := e.Rewind(t.Context()); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	now := get(t, e, it)
	if want := time.Date(2027, 1, 5, 9, 30, 0, 0, time.UTC); !now.Due.Equal(want) || now.Version != it.Version {
		t.Errorf("due %v, want %v", now.Due, want)
	}
	w.set(now.Due.Add(-time.Second))
	sweep(t, e, 1)
	if got := kinds(t, e, it); got != "started transition warning" {
		t.Error(got)
	}
	w.set(*now.Due)
	sweep(t, e, 1)
}

// hastyArgs are a job of a module's own.
type hastyArgs struct {
	N int `json:"n"`
}

func (hastyArgs) Kind() string { return "test.hasty" }

type hasty struct {
	river.WorkerDefaults[hastyArgs]
	done chan int
}

func (h *hasty) Work(_ context.Context, j *river.Job[hastyArgs]) error {
	h.done <- j.Args.N
	return nil
}
