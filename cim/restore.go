package cim

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// Restore makes the model that a fold had come to when it wrote the checkpoint.
//
// standing yields what a store knows to stand, in batches of any size. Beside
// a checkpoint that is the objects, as ObjectsPut; the rest is in the
// checkpoint. They may be newer than it: then the model is the one that was
// never stopped as soon as it has folded on to where they are from. (Only
// [Reader.Ignored] may tell: it counts the removal of an object that they no
// longer hold.) Other standing facts are put over the checkpoint's.
//
// With a nil checkpoint the model is at position 0 and holds the standing
// facts alone: Profile, RegionsPut, FormulaPut, PrivacyPut, ObjectsPut, DevicesPut
// and UnitsPut, in any order though RegionsPut first is fastest, and incidents, as
// IncidentPut.
//
// The error is [ErrCheckpoint] when it is the checkpoint that is at fault: the
// standing facts alone would do.
func Restore(standing iter.Seq2[Fact, error], checkpoint io.Reader) (*Model, error) {
	m := NewModel()
	m.bulk = true
	var d *decoder
	var at head
	if checkpoint != nil {
		d = &decoder{r: bufio.NewReaderSize(checkpoint, 1<<16)}
		at = d.head()
		if m.restoreRegister(d); d.err != nil {
			return nil, fmt.Errorf("restore: %w: %w", ErrCheckpoint, d.err)
		}
	}
	for f, err := range standing {
		if err != nil {
			return nil, fmt.Errorf("restore: standing facts: %w", err)
		}
		if !stands(f, checkpoint == nil) {
			return nil, fmt.Errorf("restore: %T is no standing fact", f)
		}
		m.take(f)
	}
	m.ignored = reasons{}
	if checkpoint != nil {
		if m.restoreLive(d, at); d.err != nil {
			return nil, fmt.Errorf("restore: %w: %w", ErrCheckpoint, d.err)
		}
	}
	m.bulk = false
	m.dateAll()
	return m, nil
}

// stands reports whether f is a standing fact; alone, without a checkpoint.
func stands(f Fact, alone bool) bool {
	switch f.(type) {
	case Profile, RegionsPut, FormulaPut, PrivacyPut, ObjectsPut, DevicesPut, UnitsPut:
		return true
	case IncidentPut:
		return alone
	}
	return false
}

// dateAll dates everything at the model's position: what was made of the city
// before it was restored may not be true any more.
func (m *Model) dateAll() {
	for slot := range m.grid.base.len() {
		n := m.ownCell(slot)
		for l := range n.fresh {
			n.fresh[l] = m.seq
		}
		n.seq = m.seq
	}
	for _, t := range []*table[*areaNode]{&m.grid.mids, &m.grid.tops} {
		for slot := range t.len() {
			n := m.ownArea(t, slot)
			for l := range n.own {
				n.own[l], n.sub[l] = m.seq, m.seq
			}
		}
	}
	m.regionsSeq = m.seq
}

func (m *Model) restoreLive(d *decoder, at head) {
	m.seq, m.now = at.seq, d.int()
	m.at = exactTime(m.now, at.rest)
	m.restoreStreams(d)
	m.restoreCells(d)
	m.restorePositions(d)
	m.restoreIncidents(d)
	m.restoreCounters(d)
	if end := d.string(); d.err == nil && end != "end" {
		d.fail(fmt.Errorf("%w: it does not end where it should", errBroken))
	}
}

func (m *Model) restoreStreams(d *decoder) {
	d.times(func() {
		id := d.string()
		slot, ok := m.deviceSlot[id]
		if !ok {
			d.fail(fmt.Errorf("%w: device %q does not stand", errBroken, id))
			return
		}
		n := m.ownDevice(slot)
		n.Seq = m.seq
		d.times(func() {
			property := Property(d.string())
			s := StreamState{Time: time.UnixMilli(d.int()).UTC(), Value: d.float()}
			for i := range s.recent {
				s.recent[i] = uint32(d.uint())
			}
			if i := n.stream(property); i >= 0 && d.err == nil {
				s.Alarm = property.Alarm(s.Value)
				n.Streams[i] = s
				if s.Alarm {
					m.countAlarm(n, true)
				}
				if s.Time.After(n.Seen) {
					n.Seen = s.Time
				}
			}
		})
		m.enliven(slot, n)
	})
}

func (m *Model) restoreCells(d *decoder) {
	d.times(func() {
		c := geo.Cell(d.uint())
		if d.err == nil && (!c.Valid() || c.Resolution() != geo.BaseResolution) {
			d.fail(fmt.Errorf("%w: %x is no cell", errBroken, uint64(c)))
		}
		if d.err != nil {
			return
		}
		slot, ok := m.cellSlot[c]
		if !ok {
			slot = m.makeCell(c)
		}
		n := m.ownCell(slot)
		d.times(func() {
			s := m.seriesOf(n, slot, Property(m.word(d.string())), Grade(d.uint()))
			s.decode(d, m.epoch, m.now+n.phase())
		})
		d.times(func() {
			r := indicatorRow{rowKey: rowKey{d.string(), d.string(), d.string()}}
			r.time, r.value, r.unit, r.lon, r.lat = d.int(), d.float(), m.word(d.string()), d.float(), d.float()
			n.rows = append(n.rows, r)
			m.rowCell[r.rowKey] = c
		})
	})
}

func (s *series) decode(d *decoder, epoch uint64, now int64) {
	s.time, s.last = d.int(), d.float()
	for w := range Window(WindowCount) {
		s.open[w] = d.sum()
		cur := slotOf(w, now)
		for age := int64(1); age < slotCount[w]; age++ {
			if c := d.sum(); c.n > 0 {
				s.rings.put(epoch, w, cur-age, c)
			}
		}
		s.close(w, cur)
	}
}

func (d *decoder) sum() (s sum) {
	if s.n = uint32(d.uint()); s.n > 0 {
		s.sum, s.max = d.float(), d.float()
	}
	return s
}

func (m *Model) restorePositions(d *decoder) {
	d.times(func() {
		id := d.string()
		p := Position{Unit: id, Time: time.UnixMilli(d.int()).UTC(), Lon: d.float(), Lat: d.float()}
		p.Speed, p.Heading, p.Status = float32(d.float()), float32(d.float()), d.string()
		slot, ok := m.unitSlot[id]
		if !ok || !onGlobe(orb.Point{p.Lon, p.Lat}) {
			d.fail(fmt.Errorf("%w: unit %q does not stand, or not on the globe", errBroken, id))
		}
		if d.err != nil {
			return
		}
		n := m.ownUnit(slot)
		n.Seq = m.seq
		m.placeUnit(slot, n, &p)
		m.countUnit(n, +1)
	})
}

func (m *Model) restoreIncidents(d *decoder) {
	d.times(func() {
		var in Incident
		b := d.bytes()
		leaves := d.int()
		if d.err != nil {
			return
		}
		if err := json.Unmarshal(b, &in); err != nil {
			d.fail(fmt.Errorf("%w: incident: %w", errBroken, err))
			return
		}
		n, reason := m.incidentNode(in)
		if reason != "" {
			d.fail(fmt.Errorf("%w: incident %q: %s", errBroken, in.ID, reason))
			return
		}
		n.leaves = leaves
		n.Late = n.lateAt(m.now)
		m.takeIncident(0, false, nil, n)
	})
	d.times(func() {
		id := d.string()
		b := burial{version: uint32(d.uint()), until: d.int()}
		if d.err == nil {
			m.buried.Set(id, b)
		}
	})
}

func (m *Model) restoreCounters(d *decoder) {
	d.times(func() {
		m.ignored.list = append(m.ignored.list, reasonCount{d.string(), d.uint()})
	})
	d.times(func() {
		code := geo.Code(d.string())
		n := m.ownTally(m.tally(code))
		d.times(func() {
			c := n.of(Grade(d.uint()))
			c.total, c.duplicates, c.rate.step = d.uint(), d.uint(), d.int()
			for i := range c.rate.n {
				c.rate.n[i] = uint32(d.uint())
			}
		})
	})
}
