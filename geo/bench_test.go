package geo

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// BenchmarkRegionsAt asks a city of 365 regions: a border of 1,200 corners, 9
// towns and 355 villages that tile it.
func BenchmarkRegionsAt(b *testing.B) {
	tree, at := cityOf365(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tree.At(at[i%len(at)])
	}
}

// BenchmarkRegionsAtTheCityOnly asks where only the long border can answer.
func BenchmarkRegionsAtTheCityOnly(b *testing.B) {
	city := border1200()
	tree, err := NewRegions([]Region{{Code: "3", Geometry: orb.MultiPolygon{city}}})
	if err != nil {
		b.Fatal(err)
	}
	at := pointsIn(city.Bound(), 4096)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tree.At(at[i%len(at)])
	}
}

func BenchmarkNewRegions(b *testing.B) {
	tree, _ := cityOf365(b)
	var list []Region
	for _, r := range tree.All() {
		list = append(list, *r)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewRegions(list); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCellAt(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		CellAt(kunshanStation, BaseResolution)
	}
}

func border1200() orb.Polygon {
	return orb.Polygon{star(rand.New(rand.NewPCG(1, 1)), orb.Point{121, 31.3}, 1200, 0.17, 0.2)}
}

func cityOf365(tb testing.TB) (*Regions, []orb.Point) {
	tb.Helper()
	city := border1200()
	list := []Region{{Code: "3", Geometry: orb.MultiPolygon{city}}}
	b := city.Bound()
	w, h := (b.Max[0]-b.Min[0])/3, (b.Max[1]-b.Min[1])/3
	for i := range 9 {
		x, y := b.Min[0]+float64(i%3)*w, b.Min[1]+float64(i/3)*h
		town := Code("3" + string(rune('a'+i)))
		list = append(list, Region{Code: town, Parent: "3", Geometry: orb.MultiPolygon{rect(x, y, x+w, y+h)}})
		for j := range 40 {
			if len(list) > 365 {
				break
			}
			vx, vy := x+float64(j%8)*w/8, y+float64(j/8)*h/5
			list = append(list, Region{Code: town + Code(rune('A'+j)), Parent: town, Geometry: orb.MultiPolygon{rect(vx, vy, vx+w/8, vy+h/5)}})
		}
	}
	tree, err := NewRegions(list[:365])
	if err != nil {
		tb.Fatal(err)
	}
	return tree, pointsIn(b, 4096)
}

func pointsIn(b orb.Bound, n int) []orb.Point {
	rng := rand.New(rand.NewPCG(2, 2))
	ps := make([]orb.Point, n)
	for i := range ps {
		ps[i] = orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
	}
	return ps
}
