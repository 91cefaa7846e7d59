package city

import (
	"context"
	"math/rand/v2"
	"testing"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/city/made"

	"github.com/paulmach/orb"
)

func BenchmarkMakeKunshan(b *testing.B) {
	p, err := kunshanPlan()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := made.Make(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadKunshan(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := Load(context.Background(), "kunshan", Options{}, func(cim.Fact) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkKunshanAt asks the whole tree: 1 city, 9 towns, 355 villages and
// 1,420 grids.
func BenchmarkKunshanAt(b *testing.B) {
	p, err := kunshanPlan()
	if err != nil {
		b.Fatal(err)
	}
	c, err := made.Make(p)
	if err != nil {
		b.Fatal(err)
	}
	tree, err := geo.NewRegions(c.Regions)
	if err != nil {
		b.Fatal(err)
	}
	bound := tree.Bound()
	var at []orb.Point
	rng := rand.New(rand.NewPCG(1, 1))
	for range 4096 {
		at = append(at, orb.Point{bound.Min[0] + rng.Float64()*(bound.Max[0]-bound.Min[0]), bound.Min[1] + rng.Float64()*(bound.Max[1]-bound.Min[1])})
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tree.At(at[i%len(at)])
	}
}
