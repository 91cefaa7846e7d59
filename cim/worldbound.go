package cim

import (
	"math"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// WorldBound is a rectangle in world units, edges included; Min is its
// north-west and Max its south-east corner.
type WorldBound struct{ Min, Max geo.WorldPoint }

// ProjectBound puts a lon, lat rectangle into world units. ok is false for an
// empty one.
func ProjectBound(b orb.Bound) (w WorldBound, ok bool) {
	if !(b.Min[0] <= b.Max[0] && b.Min[1] <= b.Max[1]) {
		return WorldBound{}, false
	}
	return WorldBound{
		Min: geo.Project(orb.Point{b.Min[0], b.Max[1]}),
		Max: geo.Project(orb.Point{b.Max[0], b.Min[1]}),
	}, true
}

// Touches reports whether the two have a point in common.
func (w WorldBound) Touches(o WorldBound) bool {
	return w.Min.X <= o.Max.X && o.Min.X <= w.Max.X && w.Min.Y <= o.Max.Y && o.Min.Y <= w.Max.Y
}

// Holds reports whether p is inside.
func (w WorldBound) Holds(p geo.WorldPoint) bool {
	return w.Min.X <= p.X && p.X <= w.Max.X && w.Min.Y <= p.Y && p.Y <= w.Max.Y
}

// covers reports whether o lies wholly inside w.
func (w WorldBound) covers(o WorldBound) bool {
	return w.Min.X <= o.Min.X && o.Max.X <= w.Max.X && w.Min.Y <= o.Min.Y && o.Max.Y <= w.Max.Y
}

// union is the smallest rectangle that holds both; the zero value holds nothing.
func (w WorldBound) union(o WorldBound) WorldBound {
	if w == (WorldBound{}) {
		return o
	}
	return WorldBound{
		Min: geo.WorldPoint{X: min(w.Min.X, o.Min.X), Y: min(w.Min.Y, o.Min.Y)},
		Max: geo.WorldPoint{X: max(w.Max.X, o.Max.X), Y: max(w.Max.Y, o.Max.Y)},
	}
}

// size is the longer side in world units.
func (w WorldBound) size() uint32 { return max(w.Max.X-w.Min.X, w.Max.Y-w.Min.Y) }

func pointBound(p geo.WorldPoint) WorldBound { return WorldBound{p, p} }

// onGlobe reports whether p is a finite longitude and latitude.
func onGlobe(p orb.Point) bool {
	return math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90
}
