package cim

import (
	"cmp"
	"slices"

	"onecity/geo"
)

// cellCounts are the things in a base cell.
type cellCounts struct {
	units, devices, alarms, late int32
	open                         []classCount
}

func (c *cellCounts) empty() bool {
	return c.units == 0 && c.devices == 0 && c.alarms == 0 && c.late == 0 && len(c.open) == 0
}

// gradedCounts are the things in a base cell graded above 0 that are in one
// region: not all of a cell is where its centre is.
type gradedCounts struct {
	grade  Grade
	region geo.Code
	cellCounts
	// alarming counts devices with an alarm, observing devices by property.
	alarming  int32
	observing []classCount
}

func (c *gradedCounts) compare(grade Grade, region geo.Code) int {
	return cmp.Or(cmp.Compare(c.grade, grade), cmp.Compare(c.region, region))
}

// gradedOf is the counts of a grade in a region, made at the first use. The
// cell must be the owner's to write.
func (n *cellNode) gradedOf(g Grade, region geo.Code) *gradedCounts {
	i, ok := slices.BinarySearchFunc(n.graded, g, func(c gradedCounts, g Grade) int { return c.compare(g, region) })
	if !ok {
		n.graded = slices.Insert(n.graded, i, gradedCounts{grade: g, region: region})
	}
	return &n.graded[i]
}

// countsOf is where a thing of that grade and region is counted.
func (n *cellNode) countsOf(g Grade, region geo.Code) *cellCounts {
	if g == 0 {
		return &n.cellCounts
	}
	return &n.gradedOf(g, region).cellCounts
}

// copyGraded is the graded counts for another node, without those that are
// nothing any more.
func (n *cellNode) copyGraded() []gradedCounts {
	var list []gradedCounts
	for i := range n.graded {
		if c := &n.graded[i]; !c.empty() {
			list = append(list, *c)
		}
	}
	return list
}

// countDeviceIn counts the device in (+1) or out (−1) of its cell.
func (c *cellNode) countDevice(n *deviceNode, by int32) {
	t := c.countsOf(n.Grade, n.Region)
	t.devices += by
	t.alarms += by * n.alarm
	if n.Grade == 0 {
		return
	}
	g := c.gradedOf(n.Grade, n.Region)
	if n.alarm > 0 {
		g.alarming += by
	}
	for i := range n.Datastreams {
		g.observing = addClass(g.observing, string(n.Datastreams[i].Property), by)
	}
}

// countAlarm counts an alarm of the device that began or ended; n.alarm is the
// number after it.
func (c *cellNode) countAlarm(n *deviceNode, by int32) {
	c.countsOf(n.Grade, n.Region).alarms += by
	if n.Grade > 0 && (by > 0 && n.alarm == 1 || by < 0 && n.alarm == 0) {
		c.gradedOf(n.Grade, n.Region).alarming += by
	}
}

// countIncident counts an open incident in (+1) or out (−1) of its cell.
func (c *cellNode) countIncident(n *incidentNode, by int32) {
	t := c.countsOf(n.Grade, n.Region)
	t.open = addClass(t.open, n.Class, by)
	if n.Late {
		t.late += by
	}
}

// countUnit counts a unit in (+1) or out (−1) of its cell.
func (c *cellNode) countUnit(n *unitNode, by int32) { c.countsOf(n.Grade, n.Region).units += by }

// recountGraded counts anew what is kept by region, after the tree of regions
// was replaced and all things know their regions.
func (m *Model) recountGraded() {
	for slot := range m.grid.base.len() {
		if len(m.grid.base.at(slot).graded) > 0 {
			m.ownCell(slot).graded = nil
		}
	}
	for slot := range m.devices.len() {
		if n := m.devices.at(slot); n != nil && n.Grade > 0 {
			m.ownCell(n.cell).countDevice(n, +1)
		}
	}
	for slot := range m.units.len() {
		if n := m.units.at(slot); n != nil && n.Grade > 0 && n.present() {
			m.ownCell(n.cell).countUnit(n, +1)
		}
	}
	for slot := range m.incidents.len() {
		if n := m.incidents.at(slot); n != nil && n.Grade > 0 && n.Status.Open() {
			m.ownCell(n.cell).countIncident(n, +1)
		}
	}
}
