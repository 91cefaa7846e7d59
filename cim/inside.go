package cim

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// inside is a point of the ring's inside: its centroid where that is inside,
// else the middle of the longest run of the centroid's latitude inside it.
func inside(r orb.Ring) orb.Point {
	c, area := planar.CentroidArea(orb.Polygon{r})
	if area == 0 || math.IsNaN(c[0]) || math.IsNaN(c[1]) || !onGlobe(c) {
		return r[0]
	}
	if planar.RingContains(r, c) {
		return c
	}
	var xs []float64
	for i := range r {
		a, b := r[i], r[(i+1)%len(r)]
		if (a[1] <= c[1]) != (b[1] <= c[1]) {
			xs = append(xs, a[0]+(c[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]))
		}
	}
	slices.Sort(xs)
	best, mid := -1.0, r[0]
	for i := 0; i+1 < len(xs); i += 2 {
		if w := xs[i+1] - xs[i]; w > best {
			best, mid = w, orb.Point{(xs[i] + xs[i+1]) / 2, c[1]}
		}
	}
	return mid
}
