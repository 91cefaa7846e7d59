package cim

import (
	"onecity/geo"

	"github.com/paulmach/orb"
)

// recount finds the region of everything again, after the tree of regions was
// replaced, and builds the counts of regions anew. What was counted of
// observations stays with the codes that are still there.
func (m *Model) recount() {
	old := m.tallies
	m.tallies = table[*tallyNode]{epoch: m.epoch}
	clear(m.tallySlot)
	m.tallyDir.Clear()
	m.tally("")
	for slot := range old.len() {
		was := old.at(slot)
		if _, ok := m.regions.Get(was.code); !ok && was.code != "" {
			continue
		}
		n := m.ownTally(m.tally(was.code))
		for _, c := range was.grades {
			t := n.of(c.grade)
			t.total, t.duplicates, t.rate = c.total, c.duplicates, c.rate
		}
	}
	m.recountCells()
	m.recountObjects()
	m.recountDevices()
	m.recountUnits()
	m.recountIncidents()
	m.recountGraded()
}

func (m *Model) recountCells() {
	for slot := range m.grid.base.len() {
		n := m.ownCell(slot)
		n.region = geo.Code(m.word(string(m.regionAt(n.cell.Centre()))))
		if !n.empty() {
			m.touchCell(slot)
		}
	}
	m.touched[LayerCells] = true
	for _, d := range m.grid.dirs {
		for _, c := range d.Keys() {
			e, _ := d.Get(c)
			e.region = geo.Code(m.word(string(m.regionAt(c.Centre()))))
			d.Set(c, e)
		}
	}
}

func (m *Model) recountObjects() {
	for _, id := range m.objects.Keys() {
		o, _ := m.objects.Get(id)
		if region := m.regionAt(geo.Unproject(o.shape.Point)); region != o.Region {
			c := *o
			c.Region = geo.Code(m.word(string(region)))
			m.layers[o.Layer].remove(o)
			m.layers[o.Layer].put(&c)
			m.touched[o.Layer] = true
			m.objects.Set(id, &c)
			m.markBound(o.Layer, o.cell, o.shape.Bound)
			o = &c
		}
		m.count(o.Region, o.Grade, func(t *counts) { t.objects[o.Layer]++ })
	}
}

func (m *Model) recountDevices() {
	for slot := range m.devices.len() {
		n := m.devices.at(slot)
		if n == nil {
			continue
		}
		if region := m.regionAt(orb.Point{n.Lon, n.Lat}); region != n.Region {
			d := *n.Device
			d.Region = geo.Code(m.word(string(region)))
			n = m.ownDevice(slot)
			n.Device = &d
			n.Seq = m.seq
			m.mark(LayerDevices, n.cell, n.at)
			m.changed(LayerDevices, n.ID, n.Cell, false)
		}
		n = m.ownDevice(slot)
		n.tally = m.tally(n.Region)
		m.count(n.Region, n.Grade, func(t *counts) {
			t.devices++
			t.alarms += n.alarm
			if n.live {
				t.live++
			}
		})
	}
}

func (m *Model) recountUnits() {
	for slot := range m.units.len() {
		n := m.units.at(slot)
		if n == nil {
			continue
		}
		if region := m.unitRegion(n); region != n.Region {
			n = m.ownUnit(slot)
			n.Region, n.Seq = region, m.seq
			if n.placed() {
				m.mark(LayerUnits, n.cell, n.at)
			}
			m.changed(LayerUnits, n.ID, n.Cell, false)
		}
		if n.present() {
			m.count(n.Region, n.Grade, func(t *counts) { t.units++ })
		}
	}
}

func (m *Model) recountIncidents() {
	for slot := range m.incidents.len() {
		n := m.incidents.at(slot)
		if n == nil {
			continue
		}
		if region := m.regionAt(orb.Point{n.Lon, n.Lat}); region != n.Region {
			in := *n.Incident
			in.Region = geo.Code(m.word(string(region)))
			c := *n
			c.epoch, c.Incident, c.Seq = m.epoch, &in, m.seq
			n = &c
			m.incidents.set(m.epoch, slot, n)
			m.mark(LayerIncidents, n.cell, n.at)
			m.changed(LayerIncidents, n.ID, n.Cell, false)
		}
		m.countIncidentIn(n, +1)
	}
}
