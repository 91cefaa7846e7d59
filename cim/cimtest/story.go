package cimtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// Story makes random facts of a small city in which everything happens often:
// few things, many changes, time that jumps.
type Story struct {
	*rand.Rand
	Now      time.Time
	versions map[string]uint32
}

// NewStory begins at Noon. Equal seeds tell equal stories.
func NewStory(seed uint64) *Story {
	return &Story{rand.New(rand.NewPCG(seed, 7)), Noon, map[string]uint32{}}
}

// Place is somewhere in the city, or a little over its edge.
func (s *Story) Place() (lon, lat float64) {
	return 120.88 + s.Float64()*0.24, 31.28 + s.Float64()*0.24
}

func (s *Story) id(kind string, n int) string { return fmt.Sprintf("%s%d", kind, s.IntN(n)) }

// Event is the next fact, at the time it comes.
func (s *Story) Event() (cim.Fact, time.Time) {
	switch s.IntN(12) {
	case 0:
		s.Now = s.Now.Add(time.Duration(s.IntN(3*3600*1000)) * time.Millisecond)
	default:
		s.Now = s.Now.Add(time.Duration(s.IntN(20_000)) * time.Millisecond)
	}
	return s.Fact(), s.Now
}

// Fact is the next fact, if it comes at the time Now.
func (s *Story) Fact() cim.Fact {
	switch s.IntN(16) {
	case 0:
		return s.devices()
	case 1:
		return s.units()
	case 2, 3:
		return s.objects()
	case 4:
		return cim.ObjectsRemoved{IDs: []string{s.id("o", 30)}}
	case 5, 6, 7:
		return s.positions()
	case 8, 9:
		return s.incident()
	case 10:
		return s.indicators()
	case 11:
		return cim.Tick{}
	}
	return s.observations()
}

func (s *Story) devices() cim.Fact {
	var f cim.DevicesPut
	for range 1 + s.IntN(3) {
		d := cim.Device{ID: s.id("d", 12), Name: s.id("名", 3), Kind: "air", Grade: cim.Grade(s.IntN(3))}
		d.Lon, d.Lat = s.Place()
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

func (s *Story) units() cim.Fact {
	return cim.UnitsPut{Units: []cim.Unit{{
		ID: s.id("u", 8), Name: s.id("队", 3), Kind: "grid", Grade: cim.Grade(s.IntN(3)), Home: "320583102",
	}}}
}

func (s *Story) geometry() orb.Geometry {
	lon, lat := s.Place()
	size := math.Pow(10, -1-3*s.Float64()) // 0.1° to 0.0001°
	switch s.IntN(4) {
	case 0:
		return orb.Point{lon, lat}
	case 1:
		return orb.LineString{{lon, lat}, {lon + size, lat}, {lon + size, lat + size/2}}
	case 2:
		return orb.MultiPoint{{lon, lat}, {lon + size, lat}}
	}
	return Square(lon, lat, size)
}

func (s *Story) objects() cim.Fact {
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

func (s *Story) observations() cim.Fact {
	var f cim.Observations
	for range 1 + s.IntN(10) {
		ago := time.Duration(s.IntN(40_000)-2000) * time.Millisecond
		if s.IntN(10) == 0 {
			ago = time.Duration(s.IntN(26*3600)) * time.Second
		}
		f.Observations = append(f.Observations, cim.Observation{
			Device: s.id("d", 13), Property: []cim.Property{"pm2_5", "temperature", "noise", "cover_open", "ph"}[s.IntN(5)],
			Time: s.Now.Add(-ago), Value: math.Round(s.Float64()*1000) / 8,
		})
	}
	return f
}

func (s *Story) positions() cim.Fact {
	var f cim.Positions
	for range 1 + s.IntN(4) {
		p := cim.Position{
			Unit: s.id("u", 9), Time: s.Now.Add(-time.Duration(s.IntN(60_000)) * time.Millisecond),
			Status: []string{"", "idle", "moving", "off"}[s.IntN(4)], Speed: float32(s.IntN(9)),
		}
		p.Lon, p.Lat = s.Place()
		f.Positions = append(f.Positions, p)
	}
	return f
}

func (s *Story) incident() cim.Fact {
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
		Status: statuses[s.IntN(len(statuses))], Severity: uint8(s.IntN(5)), Reported: s.Now.Add(-time.Hour),
		Grade: cim.Grade(s.IntN(3)),
	}
	if s.IntN(2) == 0 {
		in.Due = s.Now.Add(time.Duration(s.IntN(7200)-1800) * time.Second)
	}
	if !in.Status.Open() && s.IntN(2) == 0 {
		in.Closed = s.Now.Add(-time.Duration(s.IntN(26*3600)) * time.Second)
	}
	in.Lon, in.Lat = s.Place()
	return cim.IncidentPut{Incident: in}
}

func (s *Story) indicators() cim.Fact {
	in := cim.Indicator{
		Feed: s.id("f", 2), Key: s.id("k", 3), Name: s.id("n", 2), Unit: "1",
		Time: s.Now.Add(-time.Duration(s.IntN(100)) * time.Second), Value: float64(s.IntN(100)),
	}
	in.Lon, in.Lat = s.Place()
	return cim.Indicators{Indicators: []cim.Indicator{in}}
}
