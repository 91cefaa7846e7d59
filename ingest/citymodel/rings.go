package citymodel

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// nest makes a multipolygon of loose rings by where they lie: a ring inside an
// odd number of others is a hole of the smallest of them, any other is an
// outer ring. Outer rings come out counter-clockwise and holes clockwise, as
// RFC 7946, 3.1.6 asks.
//
// Every ring is held against every larger one. Rings made so that this would
// take minutes are an error.
func nest(rings []orb.Ring) (orb.MultiPolygon, error) {
	type ring struct {
		orb.Ring
		bound orb.Bound
		area  float64
		depth int
		outer int // index of the polygon it became
	}
	rs := make([]ring, len(rings))
	for i, r := range rings {
		rs[i] = ring{Ring: r, bound: r.Bound(), area: math.Abs(planar.Area(r))}
	}
	// Largest first, so that what holds a ring stands before it.
	slices.SortStableFunc(rs, func(a, b ring) int {
		switch {
		case a.area > b.area:
			return -1
		case a.area < b.area:
			return 1
		}
		return 0
	})
	var out orb.MultiPolygon
	work := 0
	for i := range rs {
		r := &rs[i]
		p := inside(r.Ring)
		holds := func(k int) bool {
			if !rs[k].bound.Contains(p) {
				return false
			}
			work += len(rs[k].Ring)
			return planar.RingContains(rs[k].Ring, p)
		}
		for k := range i {
			if holds(k) {
				r.depth++
			}
		}
		if work += i / 4; work > nestWork {
			return nil, fmt.Errorf("its %d rings are too intricate to tell holes from islands", len(rings))
		}
		if r.depth%2 == 0 {
			r.outer = len(out)
			out = append(out, orb.Polygon{wind(r.Ring, orb.CCW)})
			continue
		}
		// The smallest holder of one level up is the last one found.
		for k := i - 1; k >= 0; k-- {
			if rs[k].depth == r.depth-1 && holds(k) {
				out[rs[k].outer] = append(out[rs[k].outer], wind(r.Ring, orb.CW))
				break
			}
		}
	}
	return out, nil
}

// nestWork bounds the edges that are looked at for one feature: some seconds.
// An outline of 50,000 corners may have 10,000 islands.
const nestWork = 500_000_000

// wind gives r the orientation o, as a copy where it must turn it round.
func wind(r orb.Ring, o orb.Orientation) orb.Ring {
	if len(r) < 3 { // nothing to wind, and Orientation panics on an empty ring
		return r
	}
	if got := r.Orientation(); got == o || got == 0 {
		return r
	}
	r = slices.Clone(r)
	slices.Reverse(r)
	return r
}

// polygonOf makes a polygon of a closed line.
func polygonOf(line orb.LineString) orb.Polygon {
	return orb.Polygon{wind(orb.Ring(line), orb.CCW)}
}

// inside is a point that lies within a ring, not on its edge: the middle of
// the widest stretch of a horizontal line that crosses it half way up.
func inside(r orb.Ring) orb.Point {
	b := r.Bound()
	best := b.Center()
	width := -1.0
	// One line may meet a vertex; three different ones seldom all do.
	for _, f := range []float64{0.5, 0.37, 0.71} {
		y := b.Min[1] + f*(b.Max[1]-b.Min[1])
		var xs []float64
		for i := 1; i < len(r); i++ {
			a, c := r[i-1], r[i]
			if (a[1] > y) != (c[1] > y) {
				xs = append(xs, a[0]+(y-a[1])/(c[1]-a[1])*(c[0]-a[0]))
			}
		}
		slices.Sort(xs)
		for i := 1; i < len(xs); i += 2 {
			if w := xs[i] - xs[i-1]; w > width {
				width, best = w, orb.Point{(xs[i] + xs[i-1]) / 2, y}
			}
		}
		if width > 0 {
			break
		}
	}
	return best
}
