package ingest

import (
	"context"
	"sync"
	"time"

	"onecity/cim"
	"onecity/streams"
)

// Gate checks facts against the city as it stands and hands the good ones to
// the stream. All ways in share one Gate; it is safe for concurrent use.
type Gate struct {
	*gate
	spell int  // how many problems an answer spells out
	dry   bool // check only
	may   May  // nil: everything
	// by is who brings facts in, as whoever handles a report is told.
	by string
}

// gate is what all Gates of one city share.
type gate struct {
	city func() *cim.Snapshot
	out  Publisher
	now  func() time.Time

	devices   pending[cim.Device]
	units     pending[cim.Unit]
	incidents pending[cim.Incident]
	// turn lets one report pass at a time, so that two under the same id cannot
	// both be told yes.
	turn sync.Mutex
}

// Publisher is the stream as the Gate needs it (streams.Broker is one).
type Publisher interface {
	// Publish returns when the fact is stored as durably as asked.
	Publish(ctx context.Context, e streams.Event, d streams.Durability) error
}

// NewGate makes the Gate. now is the wall clock, for the checks of times.
func NewGate(city func() *cim.Snapshot, out Publisher, now func() time.Time) *Gate {
	return &Gate{gate: &gate{city: city, out: out, now: now}, spell: MaxProblems}
}

// SpellOut is the same Gate, whose answers spell out as many as n problems
// instead of MaxProblems: for ways in that must tell each sender or each row
// why it was refused.
func (g *Gate) SpellOut(n int) *Gate {
	h := *g
	h.spell = n
	return &h
}

// Checking is the same Gate, which checks and stores nothing: its answers say
// what would be accepted. For ways in of which one item makes several facts
// that should go in together or not at all.
func (g *Gate) Checking() *Gate {
	h := *g
	h.dry = true
	return &h
}

// Now is the Gate's wall clock; every way in tells the time by it.
func (g *Gate) Now() time.Time { return g.now() }

// City is the whole city as it stands, for ways in that must look something
// up. What a reader asks for goes through its own Scope, not through this.
func (g *Gate) City() cim.Reader { return g.city().In(cim.Whole()) }

// CityFor is the city as a reader of that scope may see it.
func (g *Gate) CityFor(scope cim.Scope) cim.Reader { return g.city().In(scope) }

// Accepted is the answer to a batch: how many were stored, how many were not,
// and what was wrong with the first MaxProblems of those. A stored fact is
// durable.
type Accepted struct {
	Accepted int       `json:"accepted"`
	Rejected int       `json:"rejected,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
}

// Observations takes a batch from source (a URI reference such as
// "/mqtt/dev-17"); id is the sender's id of the batch, or "" for a hash of its
// content. Good ones go in as one event (several when it would be larger than
// streams.MaxEventBytes), bad ones come back as Problems; err is for a stream
// that did not take the batch, and then nothing is promised of any of it.
//
// A time that is zero is the Gate's own; each datastream may have one such value
// in a batch. Otherwise the order of a batch does not matter. Values are in the property's unit of
// the register; see [Gate.Readings] for others.
func (g *Gate) Observations(ctx context.Context, source, id string, obs []cim.Observation) (Accepted, error) {
	b, refused := g.begin(source, id, len(obs))
	if refused != nil {
		return *refused, nil
	}
	good := inOrder(sieve(&b.findings, obs, func(o *cim.Observation) *Problem { return b.observation(o) }))
	return b.store(ctx, "onecity.observations.v1", len(good), func(from, to int) []byte {
		return appendObservations(make([]byte, 0, 64+128*(to-from)), good[from:to])
	})
}

// Positions takes a batch of units' positions; the contract of Observations.
func (g *Gate) Positions(ctx context.Context, source, id string, ps []cim.Position) (Accepted, error) {
	b, refused := g.begin(source, id, len(ps))
	if refused != nil {
		return *refused, nil
	}
	good := sieve(&b.findings, ps, func(p *cim.Position) *Problem { return b.position(p) })
	return storeFacts(ctx, b, good, func(some []cim.Position) cim.Fact { return cim.Positions{Positions: some} })
}

// Indicators takes a batch of a feed; the contract of Observations.
func (g *Gate) Indicators(ctx context.Context, source, id string, in []cim.Indicator) (Accepted, error) {
	b, refused := g.begin(source, id, len(in))
	if refused != nil {
		return *refused, nil
	}
	good := sieve(&b.findings, in, func(i *cim.Indicator) *Problem { return b.indicator(i) })
	return storeFacts(ctx, b, good, func(some []cim.Indicator) cim.Fact { return cim.Indicators{Indicators: some} })
}

// Devices and Units register what may send; an id that exists is replaced.
// What was registered may send at once, also before the model has folded it.
func (g *Gate) Devices(ctx context.Context, source, id string, ds []cim.Device) (Accepted, error) {
	b, refused := g.begin(source, id, len(ds))
	if refused != nil {
		return *refused, nil
	}
	b.replaces = true
	good := sieve(&b.findings, ds, func(d *cim.Device) *Problem { return b.device(d) })
	a, err := storeFacts(ctx, b, good, func(some []cim.Device) cim.Fact { return cim.DevicesPut{Devices: some} })
	if err == nil && !g.dry {
		g.devices.put(good, func(d *cim.Device) string { return d.ID }, func(d *cim.Device) bool { return deviceKnown(b.city, d) })
	}
	return a, err
}

// Units registers units; the contract of Devices.
func (g *Gate) Units(ctx context.Context, source, id string, us []cim.Unit) (Accepted, error) {
	b, refused := g.begin(source, id, len(us))
	if refused != nil {
		return *refused, nil
	}
	b.replaces = true
	good := sieve(&b.findings, us, func(u *cim.Unit) *Problem { return b.unit(u) })
	a, err := storeFacts(ctx, b, good, func(some []cim.Unit) cim.Fact { return cim.UnitsPut{Units: some} })
	if err == nil && !g.dry {
		g.units.put(good, func(u *cim.Unit) string { return u.ID }, func(u *cim.Unit) bool { return unitKnown(b.city, u) })
	}
	return a, err
}
