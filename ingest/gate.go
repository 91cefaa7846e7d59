package ingest

import (
	"context"
	"time"

	"onecity/cim"
	"onecity/streams"
)

// Gate checks facts against the city as it stands and hands the good ones to
// the stream. All ways in share one Gate; it is safe for concurrent use.
type Gate struct {
	city func() *cim.Snapshot
	out  Publisher
	now  func() time.Time
}

// Publisher is the stream as the Gate needs it (streams.Broker is one).
type Publisher interface {
	// Publish returns when the fact is stored as durably as asked.
	Publish(ctx context.Context, e streams.Event, d streams.Durability) error
}

// NewGate makes the Gate. now is the wall clock, for the checks of times.
func NewGate(city func() *cim.Snapshot, out Publisher, now func() time.Time) *Gate {
	return &Gate{city: city, out: out, now: now}
}

// Accepted is the answer to a batch: how many were stored, and what was wrong
// with the others. A stored fact is durable.
type Accepted struct {
	Accepted int       `json:"accepted"`
	Problems []Problem `json:"problems,omitempty"`
}

// Observations takes a batch from source (a URI reference such as
// "/mqtt/dev-17"); id is the sender's id of the batch. Good ones go in, bad
// ones come back as Problems; err is for a stream that did not take the batch.
func (g *Gate) Observations(ctx context.Context, source, id string, obs []cim.Observation) (Accepted, error) {
	panic("ingest: under construction")
}

// Positions takes a batch of units' positions; the contract of Observations.
func (g *Gate) Positions(ctx context.Context, source, id string, ps []cim.Position) (Accepted, error) {
	panic("ingest: under construction")
}

// Indicators takes a batch of a feed; the contract of Observations.
func (g *Gate) Indicators(ctx context.Context, source, id string, in []cim.Indicator) (Accepted, error) {
	panic("ingest: under construction")
}

// Devices and Units register what may send; an id that exists is replaced.
func (g *Gate) Devices(ctx context.Context, source, id string, ds []cim.Device) (Accepted, error) {
	panic("ingest: under construction")
}

// Units registers units; the contract of Observations.
func (g *Gate) Units(ctx context.Context, source, id string, us []cim.Unit) (Accepted, error) {
	panic("ingest: under construction")
}

// Incident stores a new or changed incident, synced to disk before it returns.
// A wrong field is a Problem; a version that is not the next one is
// ErrConflict.
func (g *Gate) Incident(ctx context.Context, source, id string, in cim.Incident) error {
	panic("ingest: under construction")
}
