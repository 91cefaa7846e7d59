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
