package cim

import (
	"encoding/json"

	"onecity/geo"
)

// encodeLive writes what facts other than standing ones have left: values,
// windows, places of units, incidents, indicators. All by key, in order.
func (s *state) encodeLive(e *encoder) {
	e.int(s.now)
	s.encodeStreams(e)
	s.encodeCells(e)
	s.encodePositions(e)
	s.encodeIncidents(e)
}

func (s *state) encodeStreams(e *encoder) {
	e.uint(uint64(s.deviceIDs.Len()))
	s.deviceIDs.Scan(func(id string, slot uint32) bool {
		n := s.devices.at(slot)
		e.string(id)
		heard := 0
		for i := range n.Streams {
			if !n.Streams[i].Time.IsZero() {
				heard++
			}
		}
		e.uint(uint64(heard))
		for i := range n.Streams {
			if st := &n.Streams[i]; !st.Time.IsZero() {
				e.string(string(n.Datastreams[i].Property))
				e.int(st.Time.UnixMilli())
				e.float(st.Value)
				for _, r := range st.recent {
					e.uint(uint64(r))
				}
			}
		}
		return true
	})
}

func (s *state) encodeCells(e *encoder) {
	dir := s.grid.dirs[geo.BaseResolution]
	n := 0
	dir.Scan(func(_ geo.Cell, c cellEntry) bool {
		if b := s.grid.base.at(c.slot); len(b.series) > 0 || len(b.rows) > 0 {
			n++
		}
		return true
	})
	e.uint(uint64(n))
	dir.Scan(func(c geo.Cell, entry cellEntry) bool {
		b := s.grid.base.at(entry.slot)
		if len(b.series) == 0 && len(b.rows) == 0 {
			return true
		}
		e.uint(uint64(c))
		e.uint(uint64(len(b.series)))
		for i := range b.series {
			b.series[i].encode(e, s.now+b.phase())
		}
		e.uint(uint64(len(b.rows)))
		for i := range b.rows {
			b.rows[i].encode(e)
		}
		return true
	})
}

func (s *series) encode(e *encoder, now int64) {
	e.string(string(s.property))
	e.uint(uint64(s.grade))
	e.int(s.time)
	e.float(s.last)
	for w := range Window(WindowCount) {
		s.open[w].encode(e)
		// Closed slots by their age, which does not depend on the ring's turn.
		cur := slotOf(w, now)
		for age := int64(1); age < slotCount[w]; age++ {
			s.rings.at(w, cur-age).encode(e)
		}
	}
}

func (s sum) encode(e *encoder) {
	e.uint(uint64(s.n))
	if s.n > 0 {
		e.float(s.sum)
		e.float(s.max)
	}
}

func (r *indicatorRow) encode(e *encoder) {
	e.string(r.name)
	e.string(r.feed)
	e.string(r.key)
	e.int(r.time)
	e.float(r.value)
	e.string(r.unit)
	e.float(r.lon)
	e.float(r.lat)
}

func (s *state) encodePositions(e *encoder) {
	n := 0
	s.unitIDs.Scan(func(_ string, slot uint32) bool {
		if s.units.at(slot).placed() {
			n++
		}
		return true
	})
	e.uint(uint64(n))
	s.unitIDs.Scan(func(id string, slot uint32) bool {
		u := s.units.at(slot)
		if !u.placed() {
			return true
		}
		e.string(id)
		e.int(u.Position.Time.UnixMilli())
		e.float(u.Position.Lon)
		e.float(u.Position.Lat)
		e.float(float64(u.Position.Speed))
		e.float(float64(u.Position.Heading))
		e.string(u.Position.Status)
		return true
	})
}

func (s *state) encodeIncidents(e *encoder) {
	e.uint(uint64(s.caseIDs.Len()))
	s.caseIDs.Scan(func(_ string, slot uint32) bool {
		n := s.incidents.at(slot)
		b, err := json.Marshal(n.Incident)
		if err != nil {
			// The fold took no incident in that JSON cannot say.
			panic("cim: encode incident " + n.ID + ": " + err.Error())
		}
		e.bytes(b)
		e.int(n.leaves)
		return true
	})
	n := 0
	s.buried.Scan(func(_ string, b burial) bool {
		if b.until > s.now {
			n++
		}
		return true
	})
	e.uint(uint64(n))
	s.buried.Scan(func(id string, b burial) bool {
		if b.until > s.now {
			e.string(id)
			e.uint(uint64(b.version))
			e.int(b.until)
		}
		return true
	})
}
