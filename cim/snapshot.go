package cim

import (
	"time"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// Snapshot is the city at one position of the stream. It is immutable and
// safe for concurrent use. Nothing can be read from it but through [Snapshot.In].
type Snapshot struct{}

// Seq is the position of the last event in it, and At that event's time.
func (s *Snapshot) Seq() uint64   { panic("cim: under construction") }
func (s *Snapshot) At() time.Time { panic("cim: under construction") }

// Hash is equal for equal cities, in any process (SHA-256 over a canonical
// encoding of the whole state). It visits everything: seconds, not microseconds.
func (s *Snapshot) Hash() [32]byte { panic("cim: under construction") }

// In is the city as a reader of that scope may see it.
func (s *Snapshot) In(scope Scope) Reader { return Reader{s: s, scope: scope} }

// Reader reads a Snapshot within a Scope. It is a small value; pass it on.
// Pointers it hands out are to immutable values: read, never write.
type Reader struct {
	s     *Snapshot
	scope Scope
}

// Scope is the reader's.
func (r Reader) Scope() Scope { return r.scope }

// Seq and At are the Snapshot's.
func (r Reader) Seq() uint64   { return r.s.Seq() }
func (r Reader) At() time.Time { return r.s.At() }

// Profile says which city this is.
func (r Reader) Profile() Profile { panic("cim: under construction") }

// Regions is the whole tree (it is public); Region the one with that code.
func (r Reader) Regions() *geo.Regions { panic("cim: under construction") }

// Object finds one object of any object layer.
func (r Reader) Object(id string) (*Object, bool) { panic("cim: under construction") }

// Objects visits the objects of layer that touch bound, the most important
// first (large water and buildings, main roads; points thinned evenly by a
// hash of their ID), until fn returns false or budget were visited; budget ≤ 0
// means all. It reports whether all were visited. Same snapshot, same order.
func (r Reader) Objects(layer Layer, bound orb.Bound, budget int, fn func(*Object) bool) (all bool) {
	panic("cim: under construction")
}

// DeviceState is a device and what it last said.
type DeviceState struct {
	*Device
	Cell geo.Cell
	// Seq is the position of the last event that changed it.
	Seq uint64
	// Streams is parallel to Device.Datastreams.
	Streams []StreamState
	// Seen is the newest phenomenon time of its streams.
	Seen time.Time
}

// StreamState is the newest observation of a datastream.
type StreamState struct {
	Time  time.Time // zero before the first
	Value float64
	Alarm bool // outside its property's alarm limits (register in property.go)
}

// Device finds one device; Devices visits those in bound (same contract as Objects).
func (r Reader) Device(id string) (*DeviceState, bool) { panic("cim: under construction") }
func (r Reader) Devices(bound orb.Bound, budget int, fn func(*DeviceState) bool) (all bool) {
	panic("cim: under construction")
}

// UnitState is a unit and where it last was.
type UnitState struct {
	*Unit
	Position Position // Time zero before the first
	Region   geo.Code
	Cell     geo.Cell
	Seq      uint64
}

// Unit finds one unit; Units visits those in bound.
func (r Reader) Unit(id string) (*UnitState, bool) { panic("cim: under construction") }
func (r Reader) Units(bound orb.Bound, budget int, fn func(*UnitState) bool) (all bool) {
	panic("cim: under construction")
}

// IncidentState is an incident with its derived facts.
type IncidentState struct {
	*Incident
	Cell geo.Cell
	Seq  uint64
	Late bool // open and past Due at the model's time
}

// Incident finds one incident (open, or closed within 24 h); Incidents visits
// those in bound.
func (r Reader) Incident(id string) (*IncidentState, bool) { panic("cim: under construction") }
func (r Reader) Incidents(bound orb.Bound, budget int, fn func(*IncidentState) bool) (all bool) {
	panic("cim: under construction")
}

// CellState is one cell, at the base resolution or rolled up.
type CellState struct {
	Cell   geo.Cell
	Region geo.Code // of the cell's centre
	Seq    uint64
	// Open counts open incidents by class, Late those past due.
	Open map[string]int
	Late int
	// Units present, Devices standing, Alarms now.
	Units, Devices, Alarms int
	// Properties that were observed in the last 24 h, sorted.
	Properties []PropertyState
	// Indicators of departments' feeds, sorted by name.
	Indicators []NamedValue
	// Index is the composite index 0–100; NaN without any term.
	Index float64
}

// PropertyState is one property of a cell over the four windows.
type PropertyState struct {
	Property Property
	Windows  [WindowCount]Aggregate
}

// NamedValue is a name and a number.
type NamedValue struct {
	Name  string
	Value float64
}

// Cell finds one cell of any resolution ≤ geo.BaseResolution; Cells visits the
// non-empty cells of res whose centre is in bound. The *CellState is made for
// the call; fn may keep it.
func (r Reader) Cell(c geo.Cell) (*CellState, bool) { panic("cim: under construction") }
func (r Reader) Cells(res int, bound orb.Bound, fn func(*CellState) bool) {
	panic("cim: under construction")
}

// Fresh is the position of the newest change to layer within bound: a tile
// made at a position not below it is still true.
func (r Reader) Fresh(layer Layer, bound orb.Bound) uint64 { panic("cim: under construction") }

// Tally sums up a region (one of the tree, or the city): see the fields.
type Tally struct {
	Objects      [LayerCount]int
	Devices      int
	DevicesLive  int // said something within the last 15 min
	Alarms       int
	Units        int // with a position within the last 15 min
	Open, Late   int
	OpenByClass  map[string]int
	ByStatus     map[Status]int
	Observations Rate
}

// Rate counts what was accepted into the model.
type Rate struct {
	Total      uint64  // since the first event
	PerSecond  float64 // over the last minute of the model's time
	Duplicates uint64
}

// Tally of region c; zero where the scope does not reach.
func (r Reader) Tally(c geo.Code) Tally { panic("cim: under construction") }

// Ignored counts what the fold could not use, by reason.
func (r Reader) Ignored() map[string]uint64 { panic("cim: under construction") }
