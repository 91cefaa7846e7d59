package mosaic_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"

	"onecity/geo"
	"onecity/ingest/city/mosaic"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// coast is a crooked border with deep inlets.
func coast(corners int) orb.Ring {
	rng := rand.New(rand.NewPCG(1, uint64(corners)))
	r := make(orb.Ring, 0, corners+1)
	for i := range corners {
		a := 2 * math.Pi * float64(i) / float64(corners)
		d := 0.12 + 0.1*rng.Float64()
		r = append(r, orb.Point{121 + d*math.Cos(a), 31.3 + d*math.Sin(a)})
	}
	return append(r, r[0])
}

func seedsIn(r orb.Ring, n int) (seeds []orb.Point) {
	rng := rand.New(rand.NewPCG(2, uint64(n)))
	b := r.Bound()
	for len(seeds) < n {
		p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
		if planar.RingContains(r, p) {
			seeds = append(seeds, p)
		}
	}
	return seeds
}

func TestPiecesTileTheBorderAtEveryLevel(t *testing.T) {
	for _, c := range []struct{ corners, seeds int }{{40, 1}, {4, 2}, {60, 12}, {300, 150}, {1200, 400}} {
		t.Run(strconv.Itoa(c.corners)+" corners, "+strconv.Itoa(c.seeds)+" seeds", func(t *testing.T) {
			border := coast(c.corners)
			seeds := seedsIn(border, c.seeds)
			m, err := mosaic.Cut(border, seeds)
			if err != nil {
				t.Fatal(err)
			}
			for groups := 1; groups <= c.seeds; groups *= 7 {
				areas := m.Merge(groups, func(s int) int { return s % groups })
				checkTiling(t, border, areas)
			}
			for i, a := range m.Merge(c.seeds, func(s int) int { return s }) {
				if !planar.MultiPolygonContains(a, seeds[i]) {
					t.Errorf("piece %d does not hold its seed", i)
				}
			}
		})
	}
}

// checkTiling: each area is valid, their sizes add up to the border's, and
// random points have exactly one owner.
func checkTiling(t *testing.T, border orb.Ring, areas []orb.MultiPolygon) {
	t.Helper()
	sum := 0.0
	var list []geo.Region
	for i, a := range areas {
		if len(a) == 0 {
			t.Fatalf("area %d of %d is empty", i, len(areas))
		}
		if err := geo.Validate(a); err != nil {
			t.Errorf("area %d of %d: %v", i, len(areas), err)
		}
		sum += planar.Area(a)
		list = append(list, geo.Region{Code: geo.Code("c" + strconv.Itoa(10000+i)), Geometry: a})
	}
	whole := planar.Area(border)
	if math.Abs(sum-whole) > 1e-6*whole {
		t.Errorf("%d areas: %.9g square degrees, the border has %.9g", len(areas), sum, whole)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	b := border.Bound()
	for range 1000 {
		p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
		owners := 0
		for _, r := range list {
			if r.Geometry.Bound().Contains(p) && planar.MultiPolygonContains(r.Geometry, p) {
				owners++
			}
		}
		if in := planar.RingContains(border, p); owners > 1 || in != (owners == 1) {
			if d, _ := planar.DistanceFromWithIndex(border, p); d > 1e-6 {
				t.Fatalf("%v: inside %v, %d owners of %d", p, in, owners, len(areas))
			}
		}
	}
}

func TestTheSameInputGivesTheSamePieces(t *testing.T) {
	border := coast(200)
	seeds := seedsIn(border, 60)
	cut := func() []orb.MultiPolygon {
		m, err := mosaic.Cut(border, seeds)
		if err != nil {
			t.Fatal(err)
		}
		return m.Merge(9, func(s int) int { return s % 9 })
	}
	want := cut()
	for range 5 {
		if !reflect.DeepEqual(cut(), want) {
			t.Fatal("another time, other pieces")
		}
	}
}

func TestAGroupAroundAnotherHasAHole(t *testing.T) {
	border := orb.Ring{{0, 0}, {3, 0}, {3, 3}, {0, 3}, {0, 0}}
	var seeds []orb.Point
	for i := range 9 {
		seeds = append(seeds, orb.Point{0.5 + float64(i%3) + 0.01*float64(i), 0.5 + float64(i/3) + 0.013*float64(i%4)})
	}
	m, err := mosaic.Cut(border, seeds)
	if err != nil {
		t.Fatal(err)
	}
	areas := m.Merge(2, func(s int) int {
		if s == 4 {
			return 0
		}
		return 1
	})
	if len(areas[1]) != 1 || len(areas[1][0]) != 2 || areas[1][0][0].Orientation() != orb.CCW || areas[1][0][1].Orientation() != orb.CW {
		t.Fatalf("around: %v", areas[1])
	}
	if planar.MultiPolygonContains(areas[1], seeds[4]) || !planar.MultiPolygonContains(areas[0], seeds[4]) {
		t.Error("the middle belongs to the wrong group")
	}
}

func TestAPocketThatTheBorderEnclosesByTouchingItselfIsOutside(t *testing.T) {
	// A square with a notch whose mouth is closed at one point.
	border := orb.Ring{{0, 0}, {4, 0}, {4, 4}, {2, 4}, {3, 2}, {1, 2}, {2, 4}, {0, 4}, {0, 0}}
	m, err := mosaic.Cut(border, []orb.Point{{1, 1}, {3.1, 1.2}, {0.5, 3}, {3.7, 3.1}})
	if err != nil {
		t.Fatal(err)
	}
	whole := m.Merge(1, func(int) int { return 0 })[0]
	if a := planar.Area(whole); math.Abs(a-14) > 1e-6 {
		t.Errorf("area %v, want 14: %v", a, whole)
	}
	if planar.MultiPolygonContains(whole, orb.Point{2, 2.5}) {
		t.Error("the pocket is inside")
	}
}

func TestWhatCannotBeCutIsAnError(t *testing.T) {
	square := orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}
	for name, c := range map[string]struct {
		border orb.Ring
		seeds  []orb.Point
	}{
		"open":           {square[:4], []orb.Point{{0.5, 0.5}}},
		"no seed":        {square, nil},
		"seed outside":   {square, []orb.Point{{2, 2}}},
		"seeds together": {square, []orb.Point{{0.5, 0.5}, {0.2, 0.2}, {0.5, 0.5}}},
	} {
		if _, err := mosaic.Cut(c.border, c.seeds); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkCut1420(b *testing.B) {
	border := coast(1200)
	seeds := seedsIn(border, 1420)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mosaic.Cut(border, seeds); err != nil {
			b.Fatal(err)
		}
	}
}
