package widgets

import (
	"context"
	"testing"
	"time"

	"onecity/cim"
)

// evaluatedPast knows of one day.
type evaluatedPast struct {
	pastSaid
	rates []Evaluated
	asked int
}

func (p *evaluatedPast) Evaluated(context.Context, cim.Scope, time.Time) ([]Evaluated, error) {
	p.asked++
	return p.rates, nil
}

func TestARateOfTodayIsTheEvaluationsWithYesterdayAndTheTargetBeside(t *testing.T) {
	value, before, target := 87.5, 80.0, 98.0
	past := &evaluatedPast{rates: []Evaluated{{Code: "closed-rate", Value: &value, Before: &before, Target: &target, Unit: "%", Of: 7, OutOf: 8}}}
	h := Remember(past)
	c := busyCity()
	draw := func(name string, h History) Widget {
		t.Helper()
		spec, ok := Find(name)
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		w, err := spec.Render(context.Background(), c.Snapshot().In(cim.Whole()), h, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := draw("closed-rate", h)
	if w.Value == nil || *w.Value != 87.5 || w.Unit != "%" || w.Trend == nil || *w.Trend != 7.5 || len(w.Items) != 4 || *w.Items[0].Value != 7 || *w.Items[3].Value != 98 {
		t.Errorf("%+v", w)
	}
	if w := draw("rework-rate", h); w.Value != nil || w.Trend != nil || w.Text != "—" {
		t.Errorf("of nothing: %+v", w)
	}
	if past.asked != 1 {
		t.Errorf("asked %d times within one minute", past.asked)
	}
	for _, h := range []History{nil, Remember(pastSaid{})} {
		if w := draw("satisfaction", h); w.Value != nil {
			t.Errorf("without an evaluation: %+v", w)
		}
	}
}
