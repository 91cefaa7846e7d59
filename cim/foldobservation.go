package cim

import (
	"math"
	"time"
)

// Bounds on what an observation may be. Package ingest refuses such values
// with a reason; here they must only do no harm.
const (
	maxValue  = 1e15
	maxAhead  = 15 * time.Minute // a phenomenon time ahead of the model's
	maxMillis = 253402300799999  // end of year 9999
	minMillis = -62135596800000  // begin of year 1
)

func (m *Model) observe(f Observations) {
	for i := range f.Observations {
		m.observeOne(&f.Observations[i])
	}
}

func (m *Model) observeOne(o *Observation) {
	slot, ok := m.deviceSlot[o.Device]
	if !ok {
		m.ignore("unknown-device")
		return
	}
	n := m.devices.at(slot)
	i := n.stream(o.Property)
	if i < 0 {
		m.ignore("unknown-property")
		return
	}
	if !(math.Abs(o.Value) <= maxValue) {
		m.ignore("not-finite")
		return
	}
	t := o.Time.UnixMilli()
	if reason := m.badTime(t); reason != "" {
		m.ignore(reason)
		return
	}
	switch n.Streams[i].arrival(t) {
	case duplicate:
		m.count(n.Region, n.Grade, func(c *counts) { c.duplicates++ })
		return
	case tooLate:
		m.ignore("too-late")
		return
	}
	n = m.ownDevice(slot)
	s := &n.Streams[i]
	property := n.Datastreams[i].Property
	if newer := s.take(t); newer {
		s.Value = o.Value
		if alarm := property.Alarm(o.Value); alarm != s.Alarm {
			s.Alarm = alarm
			m.countAlarm(n, alarm)
		}
		if s.Time.After(n.Seen) {
			n.Seen = s.Time
			m.enliven(slot, n)
		}
	}
	m.count(n.Region, n.Grade, func(c *counts) {
		c.total++
		c.rate.add(m.now)
	})
	cell := m.touchCell(n.cell)
	p := cell.phase()
	m.seriesOf(cell, n.cell, property).observe(m.epoch, t, t+p, m.now+p, o.Value)
	if n.Seq != m.seq {
		n.Seq = m.seq
		m.changed(LayerDevices, n.ID, n.Cell, false)
	}
	m.freshen(LayerDevices, cell)
}

// badTime is why a time cannot be used, "" when it can.
func (m *Model) badTime(t int64) string {
	switch {
	case t > m.now+maxAhead.Milliseconds():
		return "future-time"
	case t <= minMillis || t > maxMillis:
		return "bad-time"
	}
	return ""
}

func (m *Model) countAlarm(n *deviceNode, on bool) {
	by := int32(1)
	if !on {
		by = -1
	}
	n.alarm += by
	m.ownCell(n.cell).alarms += by
	m.count(n.Region, n.Grade, func(c *counts) { c.alarms += by })
}

// arrival is how an observation stands to those before it.
type arrival uint8

const (
	fresh arrival = iota
	late
	duplicate
	tooLate
)

// arrival of an observation at time t. A stream remembers its newest time and
// the seven before it; what is older than all of these cannot be told from a
// duplicate any more.
func (s *StreamState) arrival(t int64) arrival {
	if s.Time.IsZero() {
		return fresh
	}
	d := s.Time.UnixMilli() - t
	switch {
	case d < 0:
		return fresh
	case d == 0:
		return duplicate
	case d > math.MaxUint32:
		return tooLate
	}
	for _, r := range s.recent {
		if r == uint32(d) {
			return duplicate
		}
	}
	if last := s.recent[recent-1]; last != 0 && uint32(d) > last {
		return tooLate
	}
	return late
}

// take remembers t, which is fresh or late, and reports whether it is the newest.
func (s *StreamState) take(t int64) (newest bool) {
	if s.Time.IsZero() {
		s.Time = time.UnixMilli(t).UTC()
		return true
	}
	d := t - s.Time.UnixMilli()
	if d < 0 {
		s.insert(uint32(-d))
		return false
	}
	for i := recent - 1; i >= 0; i-- {
		age := int64(d)
		if i > 0 {
			if s.recent[i-1] == 0 {
				continue
			}
			age += int64(s.recent[i-1])
		}
		if age > math.MaxUint32 {
			age = 0 // too old to be told apart: forgotten
		}
		s.recent[i] = uint32(age)
	}
	s.Time = time.UnixMilli(t).UTC()
	return true
}

// insert puts an age among the recent ones, the youngest first; the oldest
// falls out of a full list.
func (s *StreamState) insert(age uint32) {
	i := recent
	for i > 0 && (s.recent[i-1] == 0 || s.recent[i-1] > age) {
		i--
	}
	if i == recent {
		return
	}
	copy(s.recent[i+1:], s.recent[i:recent-1])
	s.recent[i] = age
}
