package cim

import (
	"slices"
	"time"
)

// advance moves the model's time to at, if that is later, and does all that
// was due by then. Everything that depends on time is a function of the facts
// taken in and of the model's time, however many steps time took.
func (m *Model) advance(at time.Time) {
	now := at.UnixMilli()
	if !at.After(m.at) || now > maxMillis {
		return
	}
	was := m.now
	m.at, m.now = at.UTC(), now
	if now == was {
		return
	}
	m.rollWindows(was, now)
	m.settleDevices()
	m.settleUnits()
	m.settleIncidents()
	if floorDiv(was, slotMillis[Day]) != floorDiv(now, slotMillis[Day]) {
		m.forget()
	}
}

// rollWindows steps the windows of the cells whose phase passed a step.
func (m *Model) rollWindows(was, now int64) {
	for p := range m.byPhase {
		shift := int64(p) * 1000
		if floorDiv(was+shift, stepMillis) == floorDiv(now+shift, stepMillis) {
			continue
		}
		m.byPhase[p] = slices.DeleteFunc(m.byPhase[p], func(slot uint32) bool {
			return !m.rollCell(slot, was+shift, now+shift)
		})
	}
}

// rollCell reports whether the cell still has any series.
func (m *Model) rollCell(slot uint32, was, now int64) bool {
	n := m.ownCell(slot)
	expired := false
	for i := range n.series {
		if n.series[i].roll(m.epoch, was, now) {
			expired = true
		}
	}
	if !expired {
		return true
	}
	n.series = slices.DeleteFunc(n.series, func(s series) bool { return !s.live() })
	m.touchCell(slot)
	return len(n.series) > 0
}

// seriesOf finds the cell's series of a property and a grade, or makes it. The
// cell must be the owner's to write.
func (m *Model) seriesOf(n *cellNode, slot uint32, p Property, g Grade) *series {
	i := 0
	for i < len(n.series) && (n.series[i].property < p || n.series[i].property == p && n.series[i].grade < g) {
		i++
	}
	if i == len(n.series) || n.series[i].property != p || n.series[i].grade != g {
		if len(n.series) == 0 {
			ph := phaseOf(n.cell)
			m.byPhase[ph] = append(m.byPhase[ph], slot)
		}
		n.series = slices.Insert(n.series, i, series{property: p, grade: g, time: minMillis})
	}
	return &n.series[i]
}
