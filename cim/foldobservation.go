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

// observe takes runs of observations of the same device at once, as a device
// sends them.
func (m *Model) observe(f Observations) {
	for list := f.Observations; len(list) > 0; {
		n := 1
		for n < len(list) && list[n].Device == list[0].Device {
			n++
		}
		m.observeRun(list[:n])
		list = list[n:]
	}
}

func (m *Model) observeRun(run []Observation) {
	slot, ok := m.deviceSlot[run[0].Device]
	if !ok {
		for range run {
			m.ignore("unknown-device")
		}
		return
	}
	n := m.devices.at(slot)
	var taken, twice uint32
	for i := range run {
		k, t, reason := m.checkObservation(n, &run[i])
		switch reason {
		case "":
			if taken == 0 {
				n = m.ownDevice(slot)
			}
			taken++
			m.takeObservation(n, k, t, run[i].Value)
		case isDuplicate:
			twice++
		default:
			m.ignore(reason)
		}
	}
	if taken > 0 {
		m.enliven(slot, n)
		if n.Seq != m.seq {
			n.Seq = m.seq
			m.changed(LayerDevices, n.ID, n.Cell, false)
		}
		m.freshen(LayerDevices, m.touchCell(n.cell))
	}
	if taken+twice > 0 {
		m.countUp(n.tally, n.Grade, func(c *counts) {
			c.total += uint64(taken)
			c.duplicates += uint64(twice)
			if taken > 0 {
				c.rate.add(m.now, taken)
			}
		})
	}
}

// isDuplicate is the reason that is counted apart from the ignored.
const isDuplicate = "duplicate"

// checkObservation finds the stream k and the time t of o, or the reason why
// it cannot be taken.
func (m *Model) checkObservation(n *deviceNode, o *Observation) (k int, t int64, reason string) {
	if k = n.stream(o.Property); k < 0 {
		return k, 0, "unknown-property"
	}
	if !(math.Abs(o.Value) <= maxValue) {
		return k, 0, "not-finite"
	}
	t = o.Time.UnixMilli()
	if reason := m.badTime(t); reason != "" {
		return k, t, reason
	}
	switch n.Streams[k].arrival(t) {
	case duplicate:
		return k, t, isDuplicate
	case tooLate:
		return k, t, "too-late"
	}
	return k, t, ""
}

// takeObservation writes a value into its stream and its cell; n is the
// owner's to write.
func (m *Model) takeObservation(n *deviceNode, k int, t int64, v float64) {
	s := &n.Streams[k]
	property := n.Datastreams[k].Property
	if newest := s.take(t); newest {
		s.Value = v
		info := n.streams.info[k]
		if alarm := info != nil && info.Alarm(v); alarm != s.Alarm {
			s.Alarm = alarm
			m.countAlarm(n, alarm)
		}
		if s.Time.After(n.Seen) {
			n.Seen = s.Time
		}
	}
	cell := m.ownCell(n.cell)
	shift := cell.phase()
	m.seriesOf(cell, n.cell, property, n.Grade).observe(m.epoch, t, t+shift, m.now+shift, v)
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
	m.ownCell(n.cell).countAlarm(n, by)
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
