package alarm_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"onecity/gov/incident/alarm"
)

// river is a stream that is all there already; its reader is told when it has
// read to the end.
type river struct {
	events []alarm.Event
	read   func(seq uint64)
	first  uint64 // older ones have gone
}

func (r *river) Epoch() string                        { return "e1" }
func (r *river) Last(context.Context) (uint64, error) { return uint64(len(r.events)), nil }
func (r *river) Consume(ctx context.Context, from uint64, fn func(alarm.Event) error) error {
	if from+1 < r.first {
		return fmt.Errorf("%w: before %d", alarm.ErrGone, r.first)
	}
	if len(r.events) == 0 {
		r.read(0)
	}
	for _, e := range r.events[from:] {
		if err := fn(e); err != nil {
			return err
		}
		r.read(e.Seq)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// gate takes reports, fails now and then, and knows what it has.
type gate struct {
	mu    sync.Mutex
	ids   []string
	fails int
	said  []string
}

func (g *gate) Open(_ context.Context, r alarm.Report) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.fails > 0:
		g.fails--
		return errors.New("the stream is full")
	case slices.Contains(g.ids, r.ID):
		return alarm.ErrTaken
	}
	g.ids = append(g.ids, r.ID)
	return nil
}

func (g *gate) Say(_ context.Context, incident, _, note, rule string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.said = append(g.said, rule+" "+note)
	return nil
}

// values are one a minute, beyond the limit from a quarter past every hour for nine minutes.
func values(n int) (events []alarm.Event) {
	for i := range n {
		at := noon.Add(time.Duration(i) * time.Minute)
		v := 100.0
		if m := i % 60; m >= 15 && m < 24 {
			v = 200
		}
		events = append(events, alarm.Event{Seq: uint64(i) + 1, At: at, Fact: alarm.Observed{Observations: []alarm.Observation{{Device: "a", Property: "pm10", Time: at, Value: v}}}})
	}
	return events
}

// run lets the rules read up to an event, then stops them.
func run(t *testing.T, s *alarm.Service, events []alarm.Event, upTo uint64, g *gate) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r := &river{events: events, read: func(seq uint64) {
		if seq >= upTo {
			cancel()
		}
	}}
	if err := s.Run(ctx, r, g); err != nil {
		t.Fatal(err)
	}
}

func TestARunThatIsStoppedAnywhereOpensEachIncidentOnce(t *testing.T) {
	pool := newDatabase(t)
	s, _ := open(t, pool)
	d := dust("320583")
	d.Clear = "{device}恢复"
	r, err := s.Add(t.Context(), of("320583", ""), d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Switch(t.Context(), of("320583", "测试"), r.ID, true); err != nil {
		t.Fatal(err)
	}
	g := &gate{fails: 2}
	events := values(240)
	run(t, s, nil, 0, g) // the first run begins with what comes
	for _, upTo := range []uint64{5, 16, 17, 18, 40, 80, 81, 150, 200, 240} {
		s, _ = open(t, pool) // another process
		run(t, s, events[:upTo], upTo, g)
	}
	// Nobody closes the incident: no other is opened, and when it does not come
	// back from the stream the target is free again.
	if len(g.ids) != 4 {
		t.Errorf("%d opened: %v", len(g.ids), g.ids)
	}
	if len(g.said) != 4 || g.said[0] != r.ID+" A恢复" {
		t.Errorf("%v", g.said)
	}
	got, err := s.Openings(t.Context(), of("320583", ""), r.ID, 10)
	if err != nil || len(got) != 4 || got[3].ID != g.ids[0] || !got[3].Since.Equal(noon.Add(15*time.Minute)) {
		t.Errorf("%+v, %v", got, err)
	}
	if st, err := s.Get(t.Context(), of("320583", ""), r.ID); err != nil || st.Targets != 1 {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestAStreamThatHasDroppedFactsIsReadOnFromItsEnd(t *testing.T) {
	pool := newDatabase(t)
	s, _ := open(t, pool)
	run(t, s, nil, 0, &gate{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := values(100)
	more := &growing{river: river{events: events, first: 50}, cancel: cancel}
	if err := s.Run(ctx, more, &gate{}); err != nil {
		t.Fatal(err)
	}
	if more.from != 100 {
		t.Errorf("it went on from %d", more.from)
	}
}

// growing notes where a reader went on from.
type growing struct {
	river
	cancel func()
	from   uint64
}

func (g *growing) Consume(ctx context.Context, from uint64, fn func(alarm.Event) error) error {
	if from+1 < g.first {
		return g.river.Consume(ctx, from, fn)
	}
	g.from = from
	g.cancel()
	return ctx.Err()
}

func TestARuleThatIsStoppedIsOffWithTheReason(t *testing.T) {
	pool := newDatabase(t)
	s, w := open(t, pool)
	d := dust("320583")
	d.Kind, d.Threshold, d.Expression = alarm.KindExpression, nil, &alarm.Expression{When: "neighbours[3].value > 1"}
	r, err := s.Add(t.Context(), of("320583", ""), d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Switch(t.Context(), of("320583", "测试"), r.ID, true); err != nil {
		t.Fatal(err)
	}
	run(t, s, nil, 0, &gate{})
	run(t, s, values(200), 200, &gate{})
	got, err := s.Get(t.Context(), of("320583", ""), r.ID)
	if err != nil || got.On || got.Stopped == "" || got.UpdatedBy != "system" {
		t.Errorf("%+v, %v", got, err)
	}
	if e := w.log[len(w.log)-1]; e.Action != "incident.rule.stop" || e.Why != got.Stopped {
		t.Errorf("%+v", e)
	}
}

func TestACityWithoutRulesGetsTheExamplesOnce(t *testing.T) {
	s, _ := open(t, newDatabase(t))
	for range 2 {
		if err := s.Seed(t.Context(), "320583"); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.List(t.Context(), of("320583", ""))
	if err != nil || len(list) != 8 {
		t.Fatalf("%d, %v", len(list), err)
	}
	for _, r := range list {
		if !r.Made || !r.On || r.UpdatedBy != "system" {
			t.Errorf("%+v", r)
		}
	}
	if err := s.Remove(t.Context(), of("320583", ""), "made-flood"); err != nil {
		t.Fatal(err)
	}
	if err := s.Seed(t.Context(), "320583"); err != nil {
		t.Fatal(err)
	}
	if list, err := s.List(t.Context(), of("320583", "")); err != nil || len(list) != 7 {
		t.Errorf("%d, %v", len(list), err)
	}
}
