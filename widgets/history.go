package widgets

import (
	"context"
	"time"

	"onecity/cim"
)

// History is what widgets ask of the past. It is satisfied by cim/history, or
// by a few lines around it in cmd; nil means that there is none.
type History interface {
	// Series is the course of one datastream from from on, before to, one
	// point a step, oldest first; steps without observations are left out.
	Series(ctx context.Context, scope cim.Scope, device string, property cim.Property, from, to time.Time, step time.Duration) ([]Point, error)
	// ObservationCounts is how many observations there are, one point a
	// minute, oldest first.
	ObservationCounts(ctx context.Context, scope cim.Scope, from, to time.Time) ([]Point, error)
	// HandlingTimes is how long each incident took that was closed in the time.
	HandlingTimes(ctx context.Context, scope cim.Scope, from, to time.Time) ([]time.Duration, error)
}

// Point sums up one step of a series.
type Point struct {
	Time           time.Time // when the step begins
	Mean, Min, Max float64
	Count          uint64
}

// Evaluations is what a History may know beside: what came of the cases of a
// day 综合评价.
type Evaluations interface {
	// Evaluated are the indicators of the day that ends at a time, in what the
	// scope sees of the cases.
	Evaluated(ctx context.Context, scope cim.Scope, at time.Time) ([]Evaluated, error)
}

// Evaluated is one indicator of a day.
type Evaluated struct {
	Code string
	// Value and Before are the day's and the day before's, up to the same time;
	// nil when there was nothing to count.
	Value, Before *float64
	Target        *float64
	Unit          string
	// Of and OutOf are the two counts that the indicator is a share of.
	Of, OutOf float64
}
