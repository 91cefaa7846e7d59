package widgets

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onecity/cim"
)

// countingPast counts the questions that reach it.
type countingPast struct {
	pastSaid
	asked atomic.Int64
}

func (p *countingPast) Series(ctx context.Context, s cim.Scope, d string, q cim.Property, from, to time.Time, step time.Duration) ([]Point, error) {
	p.asked.Add(1)
	return p.pastSaid.Series(ctx, s, d, q, from, to, step)
}

func (p *countingPast) HandlingTimes(ctx context.Context, s cim.Scope, from, to time.Time) ([]time.Duration, error) {
	p.asked.Add(1)
	return p.pastSaid.HandlingTimes(ctx, s, from, to)
}

func TestThePastIsAskedOnceAMinuteHoweverOftenAWidgetIsDrawn(t *testing.T) {
	c := busyCity()
	past := &countingPast{pastSaid: pastSaid{handling: []time.Duration{time.Hour}}}
	h := Remember(past)
	draw := func() {
		t.Helper()
		var wg sync.WaitGroup
		snapshot := c.Snapshot()
		for range 8 {
			wg.Go(func() {
				for _, name := range []string{"handling-time", "environment"} {
					spec, _ := Find(name)
					if _, err := spec.Render(context.Background(), snapshot.In(cim.Whole()), h, Options{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}
	draw()
	c.now = c.now.Add(time.Second)
	c.take(cim.Tick{})
	draw()
	if n := past.asked.Load(); n != 3 { // the handling times and two stations
		t.Errorf("asked %d times within one minute, want 3", n)
	}
	c.now = c.now.Add(time.Minute)
	c.take(cim.Tick{})
	draw()
	if n := past.asked.Load(); n != 6 {
		t.Errorf("asked %d times in two minutes, want 6", n)
	}
}

func TestAFailedQuestionIsAskedAgainAndScopesDoNotMix(t *testing.T) {
	past := &countingPast{pastSaid: pastSaid{err: errors.New("away")}}
	h := Remember(past)
	ctx := context.Background()
	if _, err := h.HandlingTimes(ctx, cim.Whole(), noon, noon); err == nil {
		t.Error("the failure is hidden")
	}
	past.err, past.handling = nil, []time.Duration{time.Hour}
	if got, err := h.HandlingTimes(ctx, cim.Whole(), noon, noon); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	past.handling = nil
	town := cim.Whole()
	town.Region = "320583100"
	if got, err := h.HandlingTimes(ctx, town, noon, noon); err != nil || len(got) != 0 {
		t.Errorf("the town gets the city's answer: %v, %v", got, err)
	}
}
