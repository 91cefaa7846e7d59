package cim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"onecity/cim"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

// bigCity holds 500,000 points and 100,000 buildings, as the figures ask.
var bigCity = sync.OnceValue(func() *cim.Snapshot {
	m := cim.NewModel()
	seq := uint64(0)
	take := func(f cim.Fact) {
		seq++
		m.Fold(cim.Event{Seq: seq, At: noon, Fact: f})
	}
	take(manyRegions())
	for _, f := range manyObjects(500_000, 100_000) {
		take(f)
	}
	return m.Snapshot()
})

// manyObjects are points (components) and building polygons, in batches.
func manyObjects(points, buildings int) (facts []cim.ObjectsPut) {
	r := rand.New(rand.NewPCG(3, 3))
	var batch []cim.Object
	put := func(o cim.Object) {
		if batch = append(batch, o); len(batch) == 1000 {
			facts = append(facts, cim.ObjectsPut{Objects: batch})
			batch = nil
		}
	}
	for i := range points {
		put(cim.Object{ID: fmt.Sprintf("c%07d", i), Layer: cim.LayerComponents, Class: "CityFurniture", Kind: "lamp", Geometry: somewhere(r)})
	}
	for i := range buildings {
		put(cim.Object{
			ID: fmt.Sprintf("b%07d", i), Layer: cim.LayerBuildings, Class: "Building", Kind: "residential",
			Height: float32(3 + r.IntN(90)), Geometry: building(somewhere(r), r),
		})
	}
	if batch != nil {
		facts = append(facts, cim.ObjectsPut{Objects: batch})
	}
	return facts
}

// building is an L of 10 to 60 m, turned.
func building(at orb.Point, r *rand.Rand) orb.Polygon {
	size := (10 + 50*r.Float64()*r.Float64()) / 111_000
	sin, cos := math.Sincos(r.Float64() * math.Pi)
	ring := orb.Ring{{0, 0}, {1, 0}, {1, .5}, {.5, .5}, {.5, 1}, {0, 1}, {0, 0}}
	for i, p := range ring {
		ring[i] = orb.Point{at[0] + size*(p[0]*cos-p[1]*sin)/0.855, at[1] + size*(p[0]*sin+p[1]*cos)}
	}
	return orb.Polygon{ring}
}

func tileAt(p orb.Point, z maptile.Zoom) orb.Bound { return maptile.At(p, z).Bound() }

func BenchmarkObjects(b *testing.B) {
	r := bigCity().In(cim.Whole())
	for _, c := range []struct {
		name   string
		layer  cim.Layer
		zoom   maptile.Zoom
		budget int
	}{
		{"z14 points", cim.LayerComponents, 14, 0},
		{"z14 buildings", cim.LayerBuildings, 14, 0},
		{"z14 points, budget 5000", cim.LayerComponents, 14, 5000},
		{"z16 points", cim.LayerComponents, 16, 0},
		{"z12 points, budget 5000", cim.LayerComponents, 12, 5000},
		{"z10 points, budget 5000", cim.LayerComponents, 10, 5000},
		{"z10 buildings, budget 5000", cim.LayerBuildings, 10, 5000},
	} {
		b.Run(c.name, func(b *testing.B) {
			rnd := rand.New(rand.NewPCG(4, 4))
			bounds := make([]orb.Bound, 64)
			for i := range bounds {
				bounds[i] = tileAt(somewhere(rnd), c.zoom)
			}
			b.ReportAllocs()
			n, start := 0, cpuTime()
			for i := range b.N {
				r.Objects(c.layer, bounds[i%len(bounds)], c.budget, func(o *cim.Object) bool {
					n += len(o.Shape().Parts) | 1
					return true
				})
			}
			b.ReportMetric(float64(n)/float64(b.N), "features/op")
			reportCPU(b, start)
		})
	}
}

func BenchmarkFoldObject(b *testing.B) {
	c := newCity(b, manyRegions())
	facts := manyObjects(b.N/2+1, b.N/2+1)
	b.ReportAllocs()
	b.ResetTimer()
	start := cpuTime()
	for _, f := range facts {
		c.take(f)
	}
	reportCPU(b, start)
}

func BenchmarkFresh(b *testing.B) {
	r := bigCity().In(cim.Whole())
	for _, z := range []maptile.Zoom{10, 14, 16} {
		bound := tileAt(orb.Point{121, 31.3}, z)
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				r.Fresh(cim.LayerBuildings, bound)
			}
		})
	}
}
