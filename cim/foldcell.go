package cim

import (
	"onecity/geo"

	"github.com/paulmach/orb"
)

// cellAt finds the base cell at p, or makes it. p must be on the globe.
func (m *Model) cellAt(p orb.Point) (geo.Cell, uint32) {
	c := geo.CellAt(p, geo.BaseResolution)
	return c, m.slotOfCell(c)
}

// slotOfCell is the slot of a base cell, made when there is none.
func (m *Model) slotOfCell(c geo.Cell) uint32 {
	slot, ok := m.cellSlot[c]
	if !ok {
		slot = m.makeCell(c)
	}
	return slot
}

func (m *Model) makeCell(c geo.Cell) uint32 {
	m.touched[LayerCells] = true
	mid := m.area(&m.grid.mids, m.midSlot, c.Parent(midResolution))
	top := m.area(&m.grid.tops, m.topSlot, c.Parent(topResolution))
	slot := m.grid.base.len()
	centre := c.Centre()
	n := &cellNode{cellData: cellData{
		epoch: m.epoch, cell: c, centre: geo.Project(centre), region: m.regionAt(centre), up: mid,
	}}
	n.bound = pointBound(n.centre)
	m.grid.base.set(m.epoch, slot, n)
	m.cellSlot[c] = slot
	m.grid.dirs[geo.BaseResolution].Set(c, cellEntry{slot, n.centre, n.region})
	a := m.ownArea(&m.grid.mids, mid)
	if len(a.kids) == 0 { // new: hang it below its top node
		a.up = top
		t := m.ownArea(&m.grid.tops, top)
		t.kids = append(t.kids, mid)
	}
	a.kids = append(a.kids, slot)
	m.widen(slot, n.bound)
	m.enter(c, mid, top)
	return slot
}

// enter puts the cells around a new base cell into their directories, and
// their centres into the bounds of the areas that keep them.
func (m *Model) enter(c geo.Cell, mid, top uint32) {
	for r := range geo.BaseResolution {
		p := c.Parent(r)
		if _, ok := m.grid.dirs[r].Get(p); ok {
			continue
		}
		at := p.Centre()
		e := cellEntry{centre: geo.Project(at), region: m.regionAt(at)}
		area := m.ownArea(&m.grid.tops, top)
		switch r {
		case topResolution, 6:
			e.slot = top
		case midResolution, 8:
			e.slot = mid
			area = m.ownArea(&m.grid.mids, mid)
		}
		area.bound = area.bound.union(pointBound(e.centre))
		t := m.ownArea(&m.grid.tops, top)
		t.bound = t.bound.union(area.bound)
		m.grid.dirs[r].Set(p, e)
	}
}

func (m *Model) area(t *table[*areaNode], slotOf map[geo.Cell]uint32, c geo.Cell) uint32 {
	slot, ok := slotOf[c]
	if !ok {
		slot = t.len()
		t.set(m.epoch, slot, &areaNode{areaData: areaData{epoch: m.epoch, cell: c}})
		slotOf[c] = slot
	}
	return slot
}

func (m *Model) ownArea(t *table[*areaNode], slot uint32) *areaNode {
	n := t.at(slot)
	if n.epoch != m.epoch {
		n = n.copy()
		n.epoch = m.epoch
		t.set(m.epoch, slot, n)
	}
	return n
}

// ownCell is the cell for writing, until the next snapshot.
func (m *Model) ownCell(slot uint32) *cellNode {
	n := m.grid.base.at(slot)
	if n.epoch != m.epoch {
		n = n.copy()
		n.epoch = m.epoch
		m.grid.base.set(m.epoch, slot, n)
	}
	return n
}

// touchCell says that what the cell itself tells has changed.
func (m *Model) touchCell(slot uint32) *cellNode {
	n := m.ownCell(slot)
	if n.seq != m.seq {
		n.seq = m.seq
		m.changed(LayerCells, "", n.cell, false)
		m.freshen(LayerCells, n) // which makes the area above ours to write
		m.grid.mids.at(n.up).stale |= bitOf(n.cell)
	}
	return n
}

// freshen dates a layer in n and in the areas above.
func (m *Model) freshen(l Layer, n *cellNode) {
	if n.fresh[l] == m.seq {
		return
	}
	n.fresh[l] = m.seq
	m.freshenUp(l, n.up)
}

func (m *Model) freshenUp(l Layer, mid uint32) {
	if a := m.grid.mids.at(mid); a.sub[l] != m.seq {
		a = m.ownArea(&m.grid.mids, mid)
		a.sub[l] = m.seq
		m.ownArea(&m.grid.tops, a.up).sub[l] = m.seq
	}
}

// mark dates a layer where a point of it changed.
func (m *Model) mark(l Layer, slot uint32, p geo.WorldPoint) {
	n := m.ownCell(slot)
	if !n.bound.Holds(p) {
		m.widen(slot, pointBound(p))
		n = m.ownCell(slot)
	}
	m.freshen(l, n)
}

// Things up to these sizes (world units: about 1 km and 8 km in the middle
// latitudes) are marked in the cell, or the area, of their middle.
const (
	baseSize = 1 << 17
	midSize  = 1 << 20
)

// markBound dates a layer where something of that extent changed.
func (m *Model) markBound(l Layer, slot uint32, b WorldBound) {
	n := m.grid.base.at(slot)
	switch size := b.size(); {
	case size <= baseSize:
		m.widen(slot, b)
		m.freshen(l, m.ownCell(slot))
	case size <= midSize:
		a := m.ownArea(&m.grid.mids, n.up)
		a.bound = a.bound.union(b)
		a.own[l] = m.seq
		t := m.ownArea(&m.grid.tops, a.up)
		t.bound = t.bound.union(b)
		m.freshenUp(l, n.up)
	default:
		t := m.ownArea(&m.grid.tops, m.grid.mids.at(n.up).up)
		t.bound = t.bound.union(b)
		t.own[l], t.sub[l] = m.seq, m.seq
	}
}

// widen makes a cell's bound, and those above, hold b.
func (m *Model) widen(slot uint32, b WorldBound) {
	n := m.grid.base.at(slot)
	if !n.bound.covers(b) {
		n = m.ownCell(slot)
		n.bound = n.bound.union(b)
	}
	if a := m.grid.mids.at(n.up); !a.bound.covers(b) {
		a = m.ownArea(&m.grid.mids, n.up)
		a.bound = a.bound.union(b)
	}
	if up := m.grid.mids.at(n.up).up; !m.grid.tops.at(up).bound.covers(b) {
		t := m.ownArea(&m.grid.tops, up)
		t.bound = t.bound.union(b)
	}
}

func (m *Model) regionAt(p orb.Point) geo.Code {
	if r, ok := m.regions.At(p); ok {
		return r.Code
	}
	return ""
}
