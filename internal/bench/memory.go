package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// Memory measures what a device with 4 datastreams takes in the model once it
// has reported for a while. Facts are decoded from the wire, as in the program,
// so that the model owns all it holds. Two models are compared, of 100,000 and
// 200,000 devices, whose readings reach the same cells: the difference is the
// devices alone. The other figure has the cells and their windows in it.
func Memory(_ context.Context, e *Env) ([]Figure, error) {
	n := e.scale(100_000)
	half, err := modelHeap(n)
	if err != nil {
		return nil, err
	}
	whole, err := modelHeap(2 * n)
	if err != nil {
		return nil, err
	}
	return []Figure{
		{What: "memory per live device with 4 datastreams", Unit: "KiB", Target: 1.5, Reached: (whole - half) / 1024 / float64(n),
			Note: fmt.Sprintf("heap of a model of %s devices less that of %s over the same cells, 20 minutes of readings", number(float64(2*n)), number(float64(n)))},
		{What: "— with its share of the city's cells and their windows", Unit: "KiB", Reached: half / 1024 / float64(n),
			Note: number(float64(n)) + " devices over 1,450 km²"},
	}, nil
}

// modelHeap is the heap in bytes of a model with n reporting devices.
func modelHeap(n int) (float64, error) {
	city := orb.Bound{Min: orb.Point{120.82, 31.12}, Max: orb.Point{121.16, 31.52}}
	r := rand.New(rand.NewPCG(5, 5))
	ds := devices(n)
	for i := range ds {
		ds[i].Lon = city.Min[0] + r.Float64()*(city.Max[0]-city.Min[0])
		ds[i].Lat = city.Min[1] + r.Float64()*(city.Max[1]-city.Min[1])
	}
	before := heap()

	m := cim.NewModel()
	now := time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)
	seq := uint64(0)
	fold := func(f cim.Fact) error {
		body, err := cim.Encode(f)
		if err != nil {
			return err
		}
		if f, err = cim.Decode(cim.TypeOf(f), body); err != nil {
			return err
		}
		seq++
		m.Fold(cim.Event{Seq: seq, At: now, Fact: f})
		return nil
	}
	err := fold(cim.RegionsPut{Regions: []geo.Region{{Code: "320583", Name: "昆山市", Level: geo.LevelCity, Geometry: orb.MultiPolygon{city.ToPolygon()}}}})
	for from := 0; from < n && err == nil; from += 1000 {
		err = fold(cim.DevicesPut{Devices: ds[from:min(from+1000, n)]})
	}
	for round := 0; round < 20 && err == nil; round++ {
		now = now.Add(time.Minute)
		err = fold(cim.Tick{})
		for from := 0; from < n && err == nil; from += 100 {
			var obs []cim.Observation
			for i := from; i < min(from+100, n); i++ {
				for _, st := range ds[i].Datastreams {
					obs = append(obs, cim.Observation{Device: ds[i].ID, Property: st.Property, Time: now, Value: float64((round*7 + i) % 60)})
				}
			}
			err = fold(cim.Observations{Observations: obs})
		}
	}
	if err != nil {
		return 0, fmt.Errorf("fill a model: %w", err)
	}
	snapshot := m.Snapshot()
	after := heap()
	runtime.KeepAlive(m)
	runtime.KeepAlive(snapshot)
	runtime.KeepAlive(ds)
	return float64(after) - float64(before), nil
}

func heap() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
