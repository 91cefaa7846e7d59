package cim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// story makes random facts of a small city in which everything happens often:
// few things, many changes, time that jumps.
type story struct {
	*rand.Rand
	now      time.Time
	versions map[string]uint32
}

func newStory(seed uint64) *story {
	return &story{rand.New(rand.NewPCG(seed, 7)), noon, map[string]uint32{}}
}

func (s *story) place() (lon, lat float64) {
	return 120.88 + s.Float64()*0.24, 31.28 + s.Float64()*0.24 // a little over the edge
}

func (s *story) id(kind string, n int) string { return fmt.Sprintf("%s%d", kind, s.IntN(n)) }

// event is the next fact, at the time it comes.
func (s *story) event() (cim.Fact, time.Time) {
	switch s.IntN(12) {
	case 0:
		s.now = s.now.Add(time.Duration(s.IntN(3*3600*1000)) * time.Millisecond)
	default:
		s.now = s.now.Add(time.Duration(s.IntN(20_000)) * time.Millisecond)
	}
	switch s.IntN(16) {
	case 0:
		return s.devices(), s.now
	case 1:
		return s.units(), s.now
	case 2, 3:
		return s.objects(), s.now
	case 4:
		return cim.ObjectsRemoved{IDs: []string{s.id("o", 30)}}, s.now
	case 5, 6, 7:
		return s.positions(), s.now
	case 8, 9:
		return s.incident(), s.now
	case 10:
		return s.indicators(), s.now
	case 11:
		return cim.Tick{}, s.now
	}
	return s.observations(), s.now
}

func (s *story) devices() cim.Fact {
	var f cim.DevicesPut
	for range 1 + s.IntN(3) {
		d := cim.Device{ID: s.id("d", 12), Name: s.id("名", 3), Kind: "air", Grade: cim.Grade(s.IntN(3))}
		d.Lon, d.Lat = s.place()
		for _, p := range []cim.Property{"pm2_5", "temperature", "noise", "cover_open", "ph"} {
			if s.IntN(2) == 0 {
				info, _ := cim.PropertyOf(p)
				d.Datastreams = append(d.Datastreams, cim.Datastream{Property: p, Unit: info.Unit})
			}
		}
		f.Devices = append(f.Devices, d)
	}
	return f
}

func (s *story) units() cim.Fact {
	return cim.UnitsPut{Units: []cim.Unit{{
		ID: s.id("u", 8), Name: s.id("队", 3), Kind: "grid", Grade: cim.Grade(s.IntN(3)), Home: "320583102",
	}}}
}

func (s *story) geometry() orb.Geometry {
	lon, lat := s.place()
	size := math.Pow(10, -1-3*s.Float64()) // 0.1° to 0.0001°
	switch s.IntN(4) {
	case 0:
		return orb.Point{lon, lat}
	case 1:
		return orb.LineString{{lon, lat}, {lon + size, lat}, {lon + size, lat + size/2}}
	case 2:
		return orb.MultiPoint{{lon, lat}, {lon + size, lat}}
	}
	return square(lon, lat, size)
}

func (s *story) objects() cim.Fact {
	var f cim.ObjectsPut
	for range 1 + s.IntN(3) {
		layers := []cim.Layer{cim.LayerWater, cim.LayerRoads, cim.LayerBuildings, cim.LayerPlaces, cim.LayerComponents}
		f.Objects = append(f.Objects, cim.Object{
			ID: s.id("o", 30), Layer: layers[s.IntN(len(layers))], Kind: s.id("k", 3), Geometry: s.geometry(),
			Grade: cim.Grade(s.IntN(3)), Height: float32(s.IntN(3)),
		})
	}
	return f
}

func (s *story) observations() cim.Fact {
	var f cim.Observations
	for range 1 + s.IntN(10) {
		ago := time.Duration(s.IntN(40_000)-2000) * time.Millisecond
		if s.IntN(10) == 0 {
			ago = time.Duration(s.IntN(26*3600)) * time.Second
		}
		f.Observations = append(f.Observations, cim.Observation{
			Device: s.id("d", 13), Property: []cim.Property{"pm2_5", "temperature", "noise", "cover_open", "ph"}[s.IntN(5)],
			Time: s.now.Add(-ago), Value: math.Round(s.Float64()*1000) / 8,
		})
	}
	return f
}

func (s *story) positions() cim.Fact {
	var f cim.Positions
	for range 1 + s.IntN(4) {
		p := cim.Position{
			Unit: s.id("u", 9), Time: s.now.Add(-time.Duration(s.IntN(60_000)) * time.Millisecond),
			Status: []string{"", "idle", "moving", "off"}[s.IntN(4)], Speed: float32(s.IntN(9)),
		}
		p.Lon, p.Lat = s.place()
		f.Positions = append(f.Positions, p)
	}
	return f
}

func (s *story) incident() cim.Fact {
	id := s.id("i", 12)
	statuses := []cim.Status{
		cim.StatusReported, cim.StatusAccepted, cim.StatusDispatched, cim.StatusHandling,
		cim.StatusHandled, cim.StatusClosed, cim.StatusRejected,
	}
	if s.IntN(5) > 0 {
		s.versions[id]++
	}
	in := cim.Incident{
		ID: id, Version: s.versions[id], Class: []string{"E0101", "C0105", "E0403"}[s.IntN(3)],
		Status: statuses[s.IntN(len(statuses))], Severity: uint8(s.IntN(5)), Reported: s.now.Add(-time.Hour),
		Grade: cim.Grade(s.IntN(3)),
	}
	if s.IntN(2) == 0 {
		in.Due = s.now.Add(time.Duration(s.IntN(7200)-1800) * time.Second)
	}
	if !in.Status.Open() && s.IntN(2) == 0 {
		in.Closed = s.now.Add(-time.Duration(s.IntN(26*3600)) * time.Second)
	}
	in.Lon, in.Lat = s.place()
	return cim.IncidentPut{Incident: in}
}

func (s *story) indicators() cim.Fact {
	in := cim.Indicator{
		Feed: s.id("f", 2), Key: s.id("k", 3), Name: s.id("n", 2), Unit: "1",
		Time: s.now.Add(-time.Duration(s.IntN(100)) * time.Second), Value: float64(s.IntN(100)),
	}
	in.Lon, in.Lat = s.place()
	return cim.Indicators{Indicators: []cim.Indicator{in}}
}

// chapter is n events of a story, numbered, after the regions.
func chapter(seed uint64, n int) []cim.Event {
	s := newStory(seed)
	es := []cim.Event{
		{Seq: 1, At: noon, Fact: fourTowns()},
		{Seq: 2, At: noon, Fact: cim.FormulaPut{Formula: cim.Formula{Terms: []cim.Term{
			{Measure: "observation", Property: "pm2_5", Window: cim.Hour, Stat: "mean", High: 150, Weight: 2},
			{Measure: "incidents.open", High: 5, Weight: 1}, {Measure: "indicator", Property: "n1", High: 100, Weight: 1},
		}}}},
	}
	for range n {
		f, at := s.event()
		es = append(es, cim.Event{Seq: uint64(len(es)) + 1, At: at, Fact: f})
	}
	return es
}

// inBatches is a fact as several facts of fewer items.
func inBatches(r *rand.Rand, f cim.Fact) (parts []cim.Fact) {
	switch f := f.(type) {
	case cim.Observations:
		for l := f.Observations; len(l) > 0; {
			n := 1 + r.IntN(len(l))
			parts = append(parts, cim.Observations{Observations: l[:n]})
			l = l[n:]
		}
	case cim.Positions:
		for i := range f.Positions {
			parts = append(parts, cim.Positions{Positions: f.Positions[i : i+1]})
		}
	case cim.ObjectsPut:
		for i := range f.Objects {
			parts = append(parts, cim.ObjectsPut{Objects: f.Objects[i : i+1]})
		}
	case cim.DevicesPut:
		for i := range f.Devices {
			parts = append(parts, cim.DevicesPut{Devices: f.Devices[i : i+1]})
		}
	default:
		parts = []cim.Fact{f}
	}
	return parts
}
