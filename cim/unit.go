package cim

import (
	"math"
	"time"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// unitNode is a unit in the table; written like a deviceNode.
type unitNode struct {
	UnitState
	epoch uint64
	cell  uint32 // slot; only with a position
	at    geo.WorldPoint
	live  bool // heard lately
	level uint8
	rank  uint32
}

func (n *unitNode) placed() bool { return !n.Position.Time.IsZero() }

// present reports whether the unit counts as being where it is.
func (n *unitNode) present() bool { return n.live && n.Position.Status != "off" }

func (m *Model) putUnits(f UnitsPut) {
	for i := range f.Units {
		m.putUnit(f.Units[i])
	}
}

func (m *Model) putUnit(u Unit) {
	if u.ID == "" {
		m.ignore("unit-without-id")
		return
	}
	slot, known := m.unitSlot[u.ID]
	n := &unitNode{UnitState: UnitState{Unit: &u}}
	if known {
		old := m.units.at(slot)
		if *old.Unit == u {
			return
		}
		m.countUnit(old, -1)
		c := *old
		n = &c
		n.Unit = &u
	} else {
		slot = m.unitSlots.take()
		m.unitSlot[u.ID] = slot
		m.unitIDs.Set(u.ID, slot)
		m.touched[LayerUnits] = true
		level, rank := levelByHash(hashOf(u.ID))
		n.level, n.rank = uint8(level), rank
	}
	n.epoch, n.Seq = m.epoch, m.seq
	n.Region = m.unitRegion(n)
	m.topGrade[LayerUnits] = max(m.topGrade[LayerUnits], u.Grade)
	m.units.set(m.epoch, slot, n)
	m.countUnit(n, +1)
	if n.placed() {
		m.mark(LayerUnits, n.cell, n.at)
		m.touchCell(n.cell)
	}
	m.changed(LayerUnits, u.ID, n.Cell, false)
}

// unitRegion is where the unit is; its home while nobody knows, or while it is
// outside all regions.
func (m *Model) unitRegion(n *unitNode) geo.Code {
	if n.placed() {
		if r := m.regionAt(orb.Point{n.Position.Lon, n.Position.Lat}); r != "" {
			return r
		}
	}
	return n.Home
}

func (m *Model) move(f Positions) {
	for i := range f.Positions {
		m.moveOne(&f.Positions[i])
	}
}

func (m *Model) moveOne(p *Position) {
	at := orb.Point{p.Lon, p.Lat}
	slot, ok := m.unitSlot[p.Unit]
	switch {
	case !ok:
		m.ignore("unknown-unit")
		return
	case !onGlobe(at):
		m.ignore("position-off-globe")
		return
	}
	if reason := m.badTime(p.Time.UnixMilli()); reason != "" {
		m.ignore(reason)
		return
	}
	n := m.units.at(slot)
	if n.placed() {
		switch d := p.Time.UnixMilli() - n.Position.Time.UnixMilli(); {
		case d == 0:
			m.ignore("duplicate-position")
			return
		case d < 0:
			m.ignore("late-position")
			return
		}
	}
	n = m.ownUnit(slot)
	m.countUnit(n, -1)
	m.placeUnit(slot, n, p)
	m.countUnit(n, +1)
	m.touchCell(n.cell)
	n.Seq = m.seq
	m.changed(LayerUnits, n.ID, n.Cell, false)
}

// placeUnit puts the unit where p says.
func (m *Model) placeUnit(slot uint32, n *unitNode, p *Position) {
	if n.placed() {
		m.unitAt.remove(int(n.level), n.at, slot)
		m.mark(LayerUnits, n.cell, n.at)
	}
	status := n.Position.Status
	n.Position = *p
	n.Position.Unit = n.ID
	n.Position.Time = time.UnixMilli(p.Time.UnixMilli()).UTC()
	n.Position.Speed, n.Position.Heading = finite(p.Speed), finite(p.Heading)
	if p.Status == "" {
		n.Position.Status = status
	} else {
		n.Position.Status = m.word(p.Status)
	}
	at := orb.Point{p.Lon, p.Lat}
	was, had := n.cell, n.Cell != 0
	n.Cell, n.cell = m.cellAt(at)
	if had && was != n.cell {
		m.touchCell(was)
	}
	n.at = geo.Project(at)
	n.Region = m.unitRegion(n)
	m.unitAt.put(int(n.level), n.at, slot, n.rank)
	m.touched[LayerUnits] = true
	if end := n.Position.Time.Add(liveFor).UnixMilli(); !n.live && end > m.now {
		n.live = true
		m.unitQuiet.push(end, slot)
	}
	m.mark(LayerUnits, n.cell, n.at)
}

func (m *Model) ownUnit(slot uint32) *unitNode {
	n := m.units.at(slot)
	if n.epoch != m.epoch {
		c := *n
		c.epoch = m.epoch
		n = &c
		m.units.set(m.epoch, slot, n)
	}
	return n
}

// countUnit counts the unit in (+1) or out (−1) where it is present.
func (m *Model) countUnit(n *unitNode, by int32) {
	if !n.present() {
		return
	}
	m.ownCell(n.cell).countUnit(n, by)
	m.count(n.Region, n.Grade, func(t *counts) { t.units += by })
}

// settleUnits ends the presence of units that have been quiet.
func (m *Model) settleUnits() {
	for {
		slot, ok := m.unitQuiet.due(m.now)
		if !ok {
			return
		}
		n := m.units.at(slot)
		if n == nil || !n.live {
			continue
		}
		if end := n.Position.Time.Add(liveFor).UnixMilli(); end > m.now {
			m.unitQuiet.push(end, slot)
			continue
		}
		m.countUnit(n, -1)
		m.ownUnit(slot).live = false
		m.touchCell(n.cell)
	}
}

// finite is v, or 0 for what is no number.
func finite(v float32) float32 {
	if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return v
}
