package history

import (
	"cmp"
	"math"
	"slices"
	"time"

	"onecity/cim"
	"onecity/streams"
)

// batch is what one transaction writes: events one after the other, either
// standing facts or facts that happened, up to position to.
type batch struct {
	to       position
	events   int
	standing []cim.Fact

	observations []observation
	tracks       []track
	indicators   []indicator
	incidents    []incident

	// The newest partition that the rows may need is bounded: a row that claims
	// to be of another age is not worth a table.
	oldest func(table string, at time.Time) time.Time
}

// The rows of a batch. Times are Unix milliseconds: as fine as the model tells
// them apart.
type (
	observation struct {
		stream int32
		ms     int64
		value  float64
	}
	track struct {
		unit     int32
		ms       int64
		region   string
		position cim.Position
	}
	indicator struct {
		ms   int64
		cell int64
		cim.Indicator
	}
	incident struct {
		at time.Time // when the stream took it
		// seq is its position.
		seq uint64
		cim.Incident
	}
)

func (b *batch) rows() int {
	return len(b.observations) + len(b.tracks) + len(b.indicators) + len(b.incidents)
}

func (b *batch) reset(at position) {
	b.to, b.events, b.standing = at, 0, b.standing[:0]
	b.observations, b.tracks = b.observations[:0], b.tracks[:0]
	b.indicators, b.incidents = b.indicators[:0], b.incidents[:0]
}

// event is one of the stream, decoded. Fact is nil for what cannot be read,
// which moves the position and nothing else, as in the model.
type event struct {
	seq    uint64
	at     time.Time
	fact   cim.Fact
	weight int64
}

func decode(e streams.Received) event {
	f, err := cim.Decode(e.Type, e.Data)
	if err != nil {
		f = nil
	}
	return event{seq: e.Seq, at: e.At, fact: f, weight: int64(len(e.Data)) + 256}
}

// isStanding reports whether the fact changes what later rows refer to.
func isStanding(f cim.Fact) bool {
	switch f.(type) {
	case cim.Profile, cim.FormulaPut, cim.PrivacyPut, cim.RegionsPut, cim.ObjectsPut, cim.ObjectsRemoved, cim.DevicesPut, cim.UnitsPut:
		return true
	}
	return false
}

// takes reports whether e may join the batch: standing facts do not mix with
// others, since rows refer to what stands.
func (b *batch) takes(e event) bool {
	return b.events == 0 || isStanding(e.fact) == (len(b.standing) > 0) || e.fact == nil
}

// add takes an event in.
func (b *batch) add(e event, c *catalog) {
	b.events++
	b.to.seq, b.to.at = e.seq, e.at
	switch f := e.fact.(type) {
	case cim.Observations:
		b.observe(f, e.at, c)
	case cim.Positions:
		b.move(f, e.at, c)
	case cim.Indicators:
		b.indicate(f, e.at)
	case cim.IncidentPut:
		b.incidents = append(b.incidents, incident{e.at, e.seq, f.Incident})
	case nil, cim.Tick:
	default:
		b.standing = append(b.standing, f)
	}
}

// ahead is how far a time may be ahead of the stream's; the model's own bound.
const ahead = 15 * time.Minute

func (b *batch) observe(f cim.Observations, at time.Time, c *catalog) {
	from, to := b.oldest("observations", at).UnixMilli(), at.Add(ahead).UnixMilli()
	for i := range f.Observations {
		o := &f.Observations[i]
		id, ok := c.stream(o.Device, o.Property)
		ms := o.Time.UnixMilli()
		if !ok || ms < from || ms > to || math.IsNaN(o.Value) || math.IsInf(o.Value, 0) {
			continue
		}
		b.observations = append(b.observations, observation{id, ms, o.Value})
	}
}

func (b *batch) move(f cim.Positions, at time.Time, c *catalog) {
	from, to := b.oldest("unit_tracks", at).UnixMilli(), at.Add(ahead).UnixMilli()
	for i := range f.Positions {
		p := &f.Positions[i]
		u, ok := c.units[p.Unit]
		ms := p.Time.UnixMilli()
		if _, onGlobe := cellAt(p.Lon, p.Lat); !ok || !onGlobe || ms < from || ms > to {
			continue
		}
		region := string(c.regionAt(p.Lon, p.Lat))
		if region == "" {
			region = u.home
		}
		b.tracks = append(b.tracks, track{u.n, ms, region, *p})
	}
}

func (b *batch) indicate(f cim.Indicators, at time.Time) {
	from, to := b.oldest("indicators", at).UnixMilli(), at.Add(ahead).UnixMilli()
	for i := range f.Indicators {
		in := f.Indicators[i]
		cell, ok := cellAt(in.Lon, in.Lat)
		ms := in.Time.UnixMilli()
		if !ok || ms < from || ms > to || math.IsNaN(in.Value) || math.IsInf(in.Value, 0) {
			continue
		}
		b.indicators = append(b.indicators, indicator{ms, int64(cell), in})
	}
}

// tidy sorts the observations as their index is sorted, which is what makes
// the insertion cheap, and drops repeats: the first of a pair that was sent
// twice stays, as in the model.
func (b *batch) tidy() {
	slices.SortStableFunc(b.observations, func(x, y observation) int {
		if x.stream != y.stream {
			return cmp.Compare(x.stream, y.stream)
		}
		return cmp.Compare(x.ms, y.ms)
	})
	b.observations = slices.CompactFunc(b.observations, func(x, y observation) bool {
		return x.stream == y.stream && x.ms == y.ms
	})
}
