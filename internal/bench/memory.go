package bench

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// Memory measures what a device with 4 datastreams takes in the model once it
// has reported for a while, its share of cells and windows included: the heap
// of a model with 100,000 of them, less that of the same city without.
func Memory(_ context.Context, e *Env) ([]Figure, error) {
	n := e.scale(100_000)
	m := cim.NewModel()
	now := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
	seq := uint64(0)
	fold := func(f cim.Fact) {
		seq++
		m.Fold(cim.Event{Seq: seq, At: now, Fact: f})
	}
	city := orb.Bound{Min: orb.Point{120.82, 31.12}, Max: orb.Point{121.16, 31.52}}
	fold(cim.RegionsPut{Regions: []geo.Region{{Code: "320583", Name: "昆山市", Level: geo.LevelCity, Geometry: orb.MultiPolygon{city.ToPolygon()}}}})
	before := heap()
	r := rand.New(rand.NewPCG(5, 5))
	ds := devices(n)
	for i := range ds {
		ds[i].Lon = city.Min[0] + r.Float64()*(city.Max[0]-city.Min[0])
		ds[i].Lat = city.Min[1] + r.Float64()*(city.Max[1]-city.Min[1])
	}
	for from := 0; from < n; from += 1000 {
		fold(cim.DevicesPut{Devices: ds[from:min(from+1000, n)]})
	}
	for round := range 20 {
		now = now.Add(time.Minute)
		fold(cim.Tick{})
		for i := range ds {
			obs := make([]cim.Observation, 0, len(streamsOf))
			for _, st := range ds[i].Datastreams {
				obs = append(obs, cim.Observation{Device: ds[i].ID, Property: st.Property, Time: now, Value: float64((round*7 + i) % 60)})
			}
			fold(cim.Observations{Observations: obs})
		}
	}
	snapshot := m.Snapshot()
	after := heap()
	runtime.KeepAlive(m)
	runtime.KeepAlive(snapshot)
	runtime.KeepAlive(ds)
	return []Figure{{
		What: "memory per live device with 4 datastreams", Unit: "KiB", Target: 1.5, Reached: float64(after-before) / 1024 / float64(n),
		Note: number(float64(n)) + " devices over the city, 20 minutes of readings; ids and names, cells and windows included",
	}}, nil
}

func heap() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
