package cim

import (
	"time"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// incidentNode is an incident in the table; written like a deviceNode.
type incidentNode struct {
	IncidentState
	epoch  uint64
	cell   uint32 // slot
	at     geo.WorldPoint
	status int8  // place of the status in statuses
	leaves int64 // when it leaves the model, for a closed one
	level  uint8
	rank   uint32
}

const statusCount = 7

// statuses in the order of the work.
var statuses = [statusCount]Status{
	StatusReported, StatusAccepted, StatusDispatched, StatusHandling,
	StatusHandled, StatusClosed, StatusRejected,
}

func statusIndex(s Status) int {
	for i, o := range statuses {
		if o == s {
			return i
		}
	}
	return -1
}

const (
	// closedFor is how long a closed incident stays in the model.
	closedFor = 24 * time.Hour
	// buriedFor is how long it is known after that: no older record brings it
	// back. It is longer than the stream keeps facts.
	buriedFor = 7 * 24 * time.Hour
)

func (m *Model) putIncident(in Incident) {
	n, reason := m.incidentNode(in)
	if reason != "" {
		m.ignore(reason)
		return
	}
	if b, gone := m.buried.Get(in.ID); gone && b.until > m.now && in.Version <= b.version {
		m.ignore("old-version")
		return
	}
	slot, known := m.incidentSlot[in.ID]
	var old *incidentNode
	if known {
		if old = m.incidents.at(slot); in.Version <= old.Version {
			m.ignore("old-version")
			return
		}
	}
	if !n.Status.Open() {
		n.leaves = m.closedAt(n.Incident).Add(closedFor).UnixMilli()
		if n.leaves <= m.now {
			if known {
				m.dropIncident(slot, old)
			}
			m.bury(n.Incident, n.leaves)
			return
		}
	}
	n.Late = n.lateAt(m.now)
	m.takeIncident(slot, known, old, n)
}

// incidentNode makes the node of an incident; reason says why it cannot.
func (m *Model) incidentNode(in Incident) (n *incidentNode, reason string) {
	p := orb.Point{in.Lon, in.Lat}
	status := statusIndex(in.Status)
	switch {
	case in.ID == "":
		return nil, "incident-without-id"
	case !onGlobe(p):
		return nil, "incident-off-globe"
	case status < 0:
		return nil, "unknown-status"
	}
	for _, t := range []*time.Time{&in.Reported, &in.Due, &in.Updated, &in.Closed} {
		if *t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
			return nil, "bad-time"
		}
	}
	in.Region = geo.Code(m.word(string(m.regionAt(p))))
	in.Class, in.Status = m.word(in.Class), statuses[status]
	level, rank := levelByHash(hashOf(in.ID))
	n = &incidentNode{
		epoch: m.epoch, at: geo.Project(p), status: int8(status),
		level: uint8(max(0, level-2*severityLead(in.Severity))), rank: rank,
	}
	n.Incident, n.Seq = &in, m.seq
	return n, ""
}

// takeIncident puts n in the place of old.
func (m *Model) takeIncident(slot uint32, known bool, old, n *incidentNode) {
	n.Cell, n.cell = m.cellAt(orb.Point{n.Lon, n.Lat})
	m.touched[LayerIncidents] = true
	if known {
		m.countIncident(old, -1)
		m.caseAt.remove(int(old.level), old.at, slot)
		if old.cell != n.cell {
			m.mark(LayerIncidents, old.cell, old.at)
			m.touchCell(old.cell)
		}
	} else {
		slot = m.incidentSlots.take()
		m.incidentSlot[n.ID] = slot
		m.caseIDs.Set(n.ID, slot)
		m.buried.Delete(n.ID)
	}
	m.topGrade[LayerIncidents] = max(m.topGrade[LayerIncidents], n.Grade)
	m.caseAt.put(int(n.level), n.at, slot, n.rank)
	m.incidents.set(m.epoch, slot, n)
	m.countIncident(n, +1)
	if n.leaves != 0 {
		m.incidentGone.push(n.leaves, slot)
	} else if !n.Due.IsZero() && !n.Late {
		m.incidentDue.push(n.Due.UnixMilli()+1, slot)
	}
	m.mark(LayerIncidents, n.cell, n.at)
	m.touchCell(n.cell)
	m.changed(LayerIncidents, n.ID, n.Cell, false)
}

// severityLead brings grave incidents forward among the thinned.
func severityLead(severity uint8) int {
	if severity == 0 || severity > 4 {
		return 0
	}
	return 4 - int(severity)
}

// closedAt is when it was closed, by its own account; no later than now.
func (m *Model) closedAt(in *Incident) time.Time {
	for _, t := range []time.Time{in.Closed, in.Updated} {
		if !t.IsZero() && !t.After(m.at) {
			return t
		}
	}
	return m.at
}

func (n *incidentNode) lateAt(now int64) bool {
	return n.Status.Open() && !n.Due.IsZero() && n.Due.UnixMilli() < now
}

// countIncident counts it in (+1) or out (−1) of its cell and regions.
func (m *Model) countIncident(n *incidentNode, by int32) {
	if n.Status.Open() {
		m.ownCell(n.cell).countIncident(n, by)
	}
	m.countIncidentIn(n, by)
}

// countIncidentIn counts it in or out of its regions.
func (m *Model) countIncidentIn(n *incidentNode, by int32) {
	open, late := n.Status.Open(), int32(0)
	if n.Late {
		late = by
	}
	m.count(n.Region, n.Grade, func(t *counts) {
		t.byStatus[n.status] += by
		t.late += late
		if open {
			t.byClass = addClass(t.byClass, n.Class, by)
		}
	})
}

// settleIncidents marks those past due, and drops those closed long ago.
func (m *Model) settleIncidents() {
	for {
		slot, ok := m.incidentDue.due(m.now)
		if !ok {
			break
		}
		if n := m.incidents.at(slot); n != nil && !n.Late && n.lateAt(m.now) {
			m.markLate(slot, n)
		}
	}
	for {
		slot, ok := m.incidentGone.due(m.now)
		if !ok {
			break
		}
		if n := m.incidents.at(slot); n != nil && n.leaves != 0 && n.leaves <= m.now {
			m.dropIncident(slot, n)
			m.bury(n.Incident, n.leaves)
		}
	}
}

func (m *Model) markLate(slot uint32, n *incidentNode) {
	c := *n
	c.epoch, c.Seq, c.Late = m.epoch, m.seq, true
	m.countIncident(n, -1)
	m.incidents.set(m.epoch, slot, &c)
	m.countIncident(&c, +1)
	m.mark(LayerIncidents, c.cell, c.at)
	m.touchCell(c.cell)
	m.changed(LayerIncidents, c.ID, c.Cell, false)
}

func (m *Model) dropIncident(slot uint32, n *incidentNode) {
	m.touched[LayerIncidents] = true
	m.countIncident(n, -1)
	m.caseAt.remove(int(n.level), n.at, slot)
	m.caseIDs.Delete(n.ID)
	delete(m.incidentSlot, n.ID)
	m.incidents.set(m.epoch, slot, nil)
	m.incidentSlots.give(slot)
	m.mark(LayerIncidents, n.cell, n.at)
	m.touchCell(n.cell)
	m.changed(LayerIncidents, n.ID, n.Cell, true)
}

func (m *Model) bury(in *Incident, left int64) {
	if until := left + buriedFor.Milliseconds(); until > m.now {
		m.touched[LayerIncidents] = true
		m.buried.Set(in.ID, burial{in.Version, until})
	}
}

// forget drops the burials that have had their time.
func (m *Model) forget() {
	var done []string
	m.buried.Scan(func(id string, b burial) bool {
		if b.until <= m.now {
			done = append(done, id)
		}
		return true
	})
	for _, id := range done {
		m.touched[LayerIncidents] = true
		m.buried.Delete(id)
	}
}
