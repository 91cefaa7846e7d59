package cim_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// liveCity holds 100,000 devices that have all been heard.
var liveCity = sync.OnceValue(func() *city {
	c := &city{Model: cim.NewModel(), now: noon}
	c.take(manyRegions(), manyDevices(100_000), cim.FormulaPut{Formula: cim.Formula{Terms: []cim.Term{
		{Measure: "observation", Property: "pm2_5", Window: cim.Quarter, Stat: "mean", High: 150, Weight: 1},
		{Measure: "alarms", High: 5, Weight: 1},
	}}})
	r := rand.New(rand.NewPCG(6, 6))
	for range 3 {
		for _, f := range round(100_000, c.now, r) {
			c.take(f)
		}
		c.after(65 * time.Second)
	}
	return c
})

func BenchmarkSnapshot(b *testing.B) {
	c := liveCity()
	b.Run("nothing changed", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			c.Snapshot()
		}
	})
	b.Run("a unit moved", func(b *testing.B) {
		c.take(cim.UnitsPut{Units: []cim.Unit{{ID: "u"}}})
		b.ReportAllocs()
		for i := range b.N {
			c.now = c.now.Add(time.Millisecond)
			c.take(cim.Positions{Positions: []cim.Position{{Unit: "u", Time: c.now, Lon: 121 + float64(i%1000)/1e4, Lat: 31.3}}})
			c.Snapshot()
		}
	})
}

func BenchmarkCells(b *testing.B) {
	r := liveCity().Snapshot().In(cim.Whole())
	for _, res := range []int{9, 8, 7, 5} {
		b.Run(fmt.Sprintf("whole city, resolution %d", res), func(b *testing.B) {
			b.ReportAllocs()
			n, start := 0, cpuTime()
			for range b.N {
				r.Cells(res, benchBound, func(*cim.CellState) bool { n++; return true })
			}
			b.ReportMetric(float64(n)/float64(b.N), "cells/op")
			reportCPU(b, start)
		})
	}
	b.Run("whole city, resolution 7, first after 500 devices spoke", func(b *testing.B) {
		c := liveCity()
		facts := round(100_000, c.now, rand.New(rand.NewPCG(9, 9)))
		c.read().Cells(7, benchBound, func(*cim.CellState) bool { return true })
		b.ReportAllocs()
		start := cpuTime()
		for i := range b.N {
			b.StopTimer()
			paused := cpuTime()
			for k := range 500 {
				f := facts[(i*500+k)%len(facts)]
				c.now = c.now.Add(200 * time.Microsecond)
				for j := range f.Observations {
					f.Observations[j].Time = c.now
				}
				c.take(f)
			}
			r := c.read()
			start += cpuTime() - paused
			b.StartTimer()
			r.Cells(7, benchBound, func(*cim.CellState) bool { return true })
		}
		reportCPU(b, start)
	})
	b.Run("z14 tile, resolution 9", func(b *testing.B) {
		b.ReportAllocs()
		start := cpuTime()
		for range b.N {
			r.Cells(geo.BaseResolution, tileAt(orb.Point{121, 31.3}, 14), func(*cim.CellState) bool { return true })
		}
		reportCPU(b, start)
	})
}

func BenchmarkTally(b *testing.B) {
	s := liveCity().Snapshot()
	b.Run("city", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			s.In(cim.Whole()).Tally("320583")
		}
	})
}

func BenchmarkDevices(b *testing.B) {
	r := liveCity().Snapshot().In(cim.Whole())
	bound := tileAt(orb.Point{121, 31.3}, 14)
	b.ReportAllocs()
	n, start := 0, cpuTime()
	for range b.N {
		r.Devices(bound, 0, func(*cim.DeviceState) bool { n++; return true })
	}
	b.ReportMetric(float64(n)/float64(b.N), "devices/op")
	reportCPU(b, start)
}

func BenchmarkFoldPosition(b *testing.B) {
	for _, snapshots := range []bool{false, true} {
		b.Run(fmt.Sprintf("snapshots 40 a second: %v", snapshots), func(b *testing.B) {
			c := newCity(b, manyRegions())
			r := rand.New(rand.NewPCG(7, 7))
			const units = 5000
			var us cim.UnitsPut
			at := make([]orb.Point, units)
			for i := range at {
				us.Units = append(us.Units, cim.Unit{ID: fmt.Sprintf("unit-%04d", i)})
				at[i] = somewhere(r)
			}
			c.take(us)
			f := cim.Positions{Positions: make([]cim.Position, 1)}
			b.ReportAllocs()
			b.ResetTimer()
			start := cpuTime()
			for i := range b.N {
				u := i % units
				at[u][0] += 1e-5
				c.now = c.now.Add(200 * time.Microsecond) // each unit once a second
				f.Positions[0] = cim.Position{Unit: us.Units[u].ID, Time: c.now, Lon: at[u][0], Lat: at[u][1], Speed: 1, Status: "moving"}
				c.take(f)
				if snapshots && i%125 == 0 {
					c.Snapshot()
				}
			}
			reportCPU(b, start)
		})
	}
}

func BenchmarkFoldIncident(b *testing.B) {
	c := newCity(b, manyRegions())
	r := rand.New(rand.NewPCG(8, 8))
	b.ReportAllocs()
	start := cpuTime()
	for i := range b.N {
		in := incidentAt(fmt.Sprint("i", i%5000), uint32(i/5000)+1, cim.StatusHandling)
		p := somewhere(r)
		in.Lon, in.Lat = p[0], p[1]
		c.take(cim.IncidentPut{Incident: in})
		if i%20 == 0 {
			c.Snapshot()
		}
	}
	reportCPU(b, start)
}

func BenchmarkHash(b *testing.B) {
	s := liveCity().Snapshot()
	start := cpuTime()
	for range b.N {
		s.Hash()
	}
	reportCPU(b, start)
}

func BenchmarkCheckpoint(b *testing.B) {
	s := liveCity().Snapshot()
	var buf bytes.Buffer
	if err := s.Checkpoint(&buf); err != nil {
		b.Fatal(err)
	}
	b.Run("write", func(b *testing.B) {
		start := cpuTime()
		for range b.N {
			if err := s.Checkpoint(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(buf.Len()), "bytes")
		reportCPU(b, start)
	})
	b.Run("restore", func(b *testing.B) {
		start := cpuTime()
		for range b.N {
			m, err := cim.Restore(func(yield func(cim.Fact, error) bool) {
				_ = yield(manyRegions(), nil) && yield(manyDevices(100_000), nil) && yield(cim.UnitsPut{Units: []cim.Unit{{ID: "u"}}}, nil)
			}, bytes.NewReader(buf.Bytes()))
			if err != nil {
				b.Fatal(err)
			}
			_ = m
		}
		reportCPU(b, start)
	})
}

// BenchmarkRestoreObjects loads a million objects; B/object is what the model
// takes for each beside what the facts hold already.
func BenchmarkRestoreObjects(b *testing.B) {
	b.Run("plain", func(b *testing.B) { restoreObjects(b, func(f cim.ObjectsPut) cim.ObjectsPut { return f }) })
	b.Run("prepared", func(b *testing.B) { restoreObjects(b, cim.ObjectsPut.Prepared) })
}

func restoreObjects(b *testing.B, prepare func(cim.ObjectsPut) cim.ObjectsPut) {
	facts := manyObjects(700_000, 300_000)
	for i := range facts {
		facts[i] = prepare(facts[i])
	}
	before := heap()
	b.ResetTimer()
	start := cpuTime()
	var m *cim.Model
	for range b.N {
		var err error
		if m, err = cim.Restore(func(yield func(cim.Fact, error) bool) {
			if !yield(manyRegions(), nil) {
				return
			}
			for _, f := range facts {
				if !yield(f, nil) {
					return
				}
			}
		}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	reportCPU(b, start)
	b.ReportMetric(float64(heap()-before)/1e6, "B/object")
	runtime.KeepAlive(m)
	runtime.KeepAlive(facts)
}
