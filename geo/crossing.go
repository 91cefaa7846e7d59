package geo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Validate says what is wrong with g: a coordinate that is no number or not on
// the globe, too few points, an open ring, a ring that crosses itself or
// another of its polygon. Rings may touch at a point: that leaves no doubt what
// is inside. The error names the place and wraps one of the errors of
// errors.go.
//
// It takes O(n log n) for shapes as maps have them. A ring made so that each
// edge would have to be compared with more than 200 others is refused with
// ErrTooIntricate rather than looked at for minutes.
func Validate(g orb.Geometry) error {
	switch g := g.(type) {
	case nil:
		return ErrEmpty
	case orb.Point:
		return checkPoint(g)
	case orb.MultiPoint:
		return nonEmpty(len(g), checkPoints(g))
	case orb.LineString:
		return checkLine(g)
	case orb.MultiLineString:
		return each(g, "line", checkLine)
	case orb.Ring:
		return validPolygon(orb.Polygon{g})
	case orb.Polygon:
		return validPolygon(g)
	case orb.MultiPolygon:
		return each(g, "polygon", validPolygon)
	case orb.Bound:
		return validPolygon(g.ToPolygon())
	case orb.Collection:
		return each(g, "geometry", Validate)
	}
	return fmt.Errorf("geometry %T is not known", g)
}

func each[T any](list []T, noun string, check func(T) error) error {
	for i, g := range list {
		if err := check(g); err != nil {
			return fmt.Errorf("%s %d: %w", noun, i, err)
		}
	}
	return nonEmpty(len(list), nil)
}

func nonEmpty(n int, err error) error {
	if n == 0 {
		return ErrEmpty
	}
	return err
}

func checkLine(l orb.LineString) error {
	if len(l) < 2 {
		return fmt.Errorf("%w: %d, a line needs 2", ErrTooFewPoints, len(l))
	}
	return checkPoints(l)
}

func validPolygon(p orb.Polygon) error {
	if len(p) == 0 {
		return ErrEmpty
	}
	for i, r := range p {
		if err := checkRing(r); err != nil {
			return fmt.Errorf("ring %d: %w", i, err)
		}
	}
	return uncrossed(p)
}

// side is one edge of a ring, with the ring's number.
type side struct {
	a, b orb.Point
	ring int
}

// pairsPerEdge bounds the work of uncrossed.
const pairsPerEdge = 200

// uncrossed looks for two edges that cross. Edges go one by one into an R-tree
// and are compared with those there whose rectangles they touch.
func uncrossed(p orb.Polygon) error {
	var tree rtree.RTreeG[side]
	edges, pairs := 0, 0
	for i, r := range p {
		for j := range len(r) - 1 {
			s := side{r[j], r[j+1], i}
			lo, hi := corners(s.a, s.b)
			var err error
			tree.Search(lo, hi, func(_, _ [2]float64, o side) bool {
				pairs++
				if at, yes := crossing(s, o); yes {
					err = fmt.Errorf("%w: ring %d crosses ring %d at %s", ErrSelfCrossing, o.ring, s.ring, place(at))
				}
				return err == nil
			})
			if err != nil {
				return err
			}
			edges++
			if pairs > pairsPerEdge*(edges+1000) {
				return fmt.Errorf("%w: gave up at %s", ErrTooIntricate, place(s.a))
			}
			tree.Insert(lo, hi, s)
		}
	}
	return nil
}

func corners(a, b orb.Point) (lo, hi orb.Point) {
	return orb.Point{min(a[0], b[0]), min(a[1], b[1])}, orb.Point{max(a[0], b[0]), max(a[1], b[1])}
}

// crossing finds where two edges cross properly: each has its ends on different
// sides of the other. Touching is no crossing.
func crossing(s, o side) (at orb.Point, yes bool) {
	d1, d2 := turn(o.a, o.b, s.a), turn(o.a, o.b, s.b)
	if d1*d2 >= 0 {
		return at, false
	}
	if turn(s.a, s.b, o.a)*turn(s.a, s.b, o.b) >= 0 {
		return at, false
	}
	f := d1 / (d1 - d2)
	return orb.Point{s.a[0] + f*(s.b[0]-s.a[0]), s.a[1] + f*(s.b[1]-s.a[1])}, true
}

// turn is positive when c is to the left of a → b, negative to the right, and 0
// on it or so near that floating point cannot tell (Shewchuk's bound for this
// determinant).
func turn(a, b, c orb.Point) float64 {
	l := (b[0] - a[0]) * (c[1] - a[1])
	r := (b[1] - a[1]) * (c[0] - a[0])
	const bound = 3.3306690738754716e-16
	if d := l - r; math.Abs(d) > bound*(math.Abs(l)+math.Abs(r)) {
		return d
	}
	return 0
}
