package cim

import (
	"time"

	"onecity/geo"

	"github.com/paulmach/orb"
)

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
	// recent times before Time: how many milliseconds before, the nearest first.
	recent [recent]uint32
}

// UnitState is a unit and where it last was.
type UnitState struct {
	*Unit
	Position Position // Time zero before the first
	Region   geo.Code // of the position; its home while that is not known
	Cell     geo.Cell
	Seq      uint64
}

// IncidentState is an incident with its derived facts.
type IncidentState struct {
	*Incident
	Cell geo.Cell
	Seq  uint64
	Late bool // open and past Due at the model's time
}

// Device finds one device.
func (r Reader) Device(id string) (*DeviceState, bool) {
	slot, ok := r.s.deviceIDs.Get(id)
	if !ok {
		return nil, false
	}
	return r.device(slot)
}

func (r Reader) device(slot uint32) (*DeviceState, bool) {
	n := r.s.devices.at(slot)
	if n == nil || !r.scope.Sees(LayerDevices, n.Region, n.Grade) {
		return nil, false
	}
	return &n.DeviceState, true
}

// Devices visits the devices in bound; the contract of Objects.
func (r Reader) Devices(bound orb.Bound, budget int, fn func(*DeviceState) bool) (all bool) {
	w, ok := ProjectBound(bound)
	if !ok || !r.scope.Layers.Has(LayerDevices) {
		return true
	}
	open := r.seesAll(LayerDevices, r.s.topGrade[LayerDevices])
	return visitPoints(&r.s.deviceAt, w, budget, open, func(slot uint32) (*DeviceState, bool) {
		n := r.s.devices.at(slot)
		return &n.DeviceState, w.Holds(n.at) && (open || r.scope.Sees(LayerDevices, n.Region, n.Grade))
	}, fn)
}

// Unit finds one unit.
func (r Reader) Unit(id string) (*UnitState, bool) {
	slot, ok := r.s.unitIDs.Get(id)
	if !ok {
		return nil, false
	}
	n := r.s.units.at(slot)
	if !r.scope.Sees(LayerUnits, n.Region, n.Grade) {
		return nil, false
	}
	return &n.UnitState, true
}

// Units visits the units in bound; the contract of Objects. A unit without a
// position is nowhere.
func (r Reader) Units(bound orb.Bound, budget int, fn func(*UnitState) bool) (all bool) {
	w, ok := ProjectBound(bound)
	if !ok || !r.scope.Layers.Has(LayerUnits) {
		return true
	}
	open := r.seesAll(LayerUnits, r.s.topGrade[LayerUnits])
	return visitPoints(&r.s.unitAt, w, budget, open, func(slot uint32) (*UnitState, bool) {
		n := r.s.units.at(slot)
		return &n.UnitState, w.Holds(n.at) && (open || r.scope.Sees(LayerUnits, n.Region, n.Grade))
	}, fn)
}

// Incident finds one incident (open, or closed within 24 h).
func (r Reader) Incident(id string) (*IncidentState, bool) {
	slot, ok := r.s.caseIDs.Get(id)
	if !ok {
		return nil, false
	}
	n := r.s.incidents.at(slot)
	if !r.scope.Sees(LayerIncidents, n.Region, n.Grade) {
		return nil, false
	}
	return &n.IncidentState, true
}

// Incidents visits the incidents in bound; the contract of Objects, the
// gravest first.
func (r Reader) Incidents(bound orb.Bound, budget int, fn func(*IncidentState) bool) (all bool) {
	w, ok := ProjectBound(bound)
	if !ok || !r.scope.Layers.Has(LayerIncidents) {
		return true
	}
	open := r.seesAll(LayerIncidents, r.s.topGrade[LayerIncidents])
	return visitPoints(&r.s.caseAt, w, budget, open, func(slot uint32) (*IncidentState, bool) {
		n := r.s.incidents.at(slot)
		return &n.IncidentState, w.Holds(n.at) && (open || r.scope.Sees(LayerIncidents, n.Region, n.Grade))
	}, fn)
}

// visitPoints visits the things of a pointIndex; look gives the thing in a
// slot, and whether it is in the rectangle and in scope.
func visitPoints[T any](x *pointIndex[uint32], w WorldBound, budget int, open bool,
	look func(slot uint32) (T, bool), fn func(T) bool) bool {
	t := thinner[T]{
		budget:  budget,
		inLevel: func(level int) int { return x.perLevel[level] },
		estimate: func(level int) (n int) {
			x.search(level, w, func(key uint64, _ uint32) bool {
				if !open {
					if _, ok := look(keySlot(key)); !ok {
						return true
					}
				}
				n++
				return true
			})
			return n
		},
		visit: func(level int, keep uint64, fn func(T) bool) bool {
			return x.search(level, w, func(key uint64, rank uint32) bool {
				if uint64(rank) >= keep {
					return true
				}
				v, ok := look(keySlot(key))
				return !ok || fn(v)
			})
		},
	}
	return t.run(fn)
}
