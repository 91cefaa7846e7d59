package cim

import (
	"math"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// ShapeKind is what a [Shape] is made of.
type ShapeKind uint8

// The kinds of shape.
const (
	NoShape ShapeKind = iota
	Points
	Lines
	Polygons
)

// Shape is an object's geometry in world units, made ready for tiles.
type Shape struct {
	Kind ShapeKind
	// Point is the one point of a single point (Parts is nil then), else a
	// point of the shape that stands for the whole: near the middle.
	Point geo.WorldPoint
	// Parts are the lines, or the rings: each outer ring clockwise on screen
	// (MVT 2.1, 4.3.4.4), followed by its holes the other way round. A ring is
	// not closed: its last point is not its first.
	Parts [][]geo.WorldPoint
	Bound WorldBound
	// Area in square world units of the polygons, else 0.
	Area float64
	// Length in world units of the lines, else 0.
	Length float64
}

// makeShape projects g, which is plain. ok is false when there is nothing to draw: an empty
// geometry, or a coordinate that is not on the globe.
func makeShape(g orb.Geometry) (s Shape, ok bool) {
	switch g := g.(type) {
	case orb.Point:
		if !onGlobe(g) {
			return s, false
		}
		p := geo.Project(g)
		return Shape{Kind: Points, Point: p, Bound: pointBound(p)}, true
	case orb.MultiPoint:
		return pointsShape(g)
	case orb.LineString:
		return linesShape(orb.MultiLineString{g})
	case orb.MultiLineString:
		return linesShape(g)
	case orb.Polygon:
		return polygonsShape(orb.MultiPolygon{g})
	case orb.MultiPolygon:
		return polygonsShape(g)
	}
	return s, false
}

func pointsShape(ps orb.MultiPoint) (s Shape, ok bool) {
	part, ok := project(ps, false)
	if !ok || len(part) == 0 {
		return s, false
	}
	s = Shape{Kind: Points, Point: part[0], Parts: [][]geo.WorldPoint{part}, Bound: boundOf(part)}
	if len(part) == 1 {
		s.Parts = nil
	}
	return s, true
}

func linesShape(ls orb.MultiLineString) (s Shape, ok bool) {
	s.Kind = Lines
	longest := -1.0
	for _, l := range ls {
		part, ok := project(l, false)
		if !ok {
			return s, false
		}
		if len(part) < 2 {
			continue
		}
		s.Parts = append(s.Parts, part)
		s.Bound = s.Bound.union(boundOf(part))
		n := lengthOf(part)
		s.Length += n
		if n > longest {
			longest, s.Point = n, part[len(part)/2]
		}
	}
	if len(s.Parts) == 0 {
		return s, false
	}
	return s, true
}

func polygonsShape(mp orb.MultiPolygon) (s Shape, ok bool) {
	s.Kind = Polygons
	largest := -1.0
	for _, poly := range mp {
		for i, ring := range poly {
			part, ok := project(ring, true)
			if !ok {
				return s, false
			}
			if len(part) < 3 {
				if i == 0 {
					break // no outer ring, no holes
				}
				continue
			}
			a := signedArea(part)
			if (a > 0) != (i == 0) { // outer rings positive with y to the south
				reverse(part)
			}
			s.Parts = append(s.Parts, part)
			if i > 0 {
				s.Area -= math.Abs(a)
				continue
			}
			s.Area += math.Abs(a)
			s.Bound = s.Bound.union(boundOf(part))
			if math.Abs(a) > largest {
				largest = math.Abs(a)
				s.Point = geo.Project(inside(ring))
			}
		}
	}
	if len(s.Parts) == 0 {
		return s, false
	}
	s.Area = max(0, s.Area)
	return s, true
}

// project also drops a point that falls on the one before it, and a ring's
// last that closes it.
func project(ps []orb.Point, ring bool) (part []geo.WorldPoint, ok bool) {
	part = make([]geo.WorldPoint, 0, len(ps))
	for _, p := range ps {
		if !onGlobe(p) {
			return nil, false
		}
		w := geo.Project(p)
		if n := len(part); n == 0 || part[n-1] != w {
			part = append(part, w)
		}
	}
	for n := len(part); ring && n > 1 && part[0] == part[n-1]; n = len(part) {
		part = part[:n-1]
	}
	return part, true
}

func boundOf(ps []geo.WorldPoint) WorldBound {
	b := pointBound(ps[0])
	for _, p := range ps[1:] {
		b.Min.X, b.Min.Y = min(b.Min.X, p.X), min(b.Min.Y, p.Y)
		b.Max.X, b.Max.Y = max(b.Max.X, p.X), max(b.Max.Y, p.Y)
	}
	return b
}

func lengthOf(ps []geo.WorldPoint) (sum float64) {
	for i := 1; i < len(ps); i++ {
		sum += math.Hypot(float64(ps[i].X)-float64(ps[i-1].X), float64(ps[i].Y)-float64(ps[i-1].Y))
	}
	return sum
}

// signedArea is the shoelace sum about the first point, which keeps the
// numbers small; positive when the ring runs clockwise on screen.
func signedArea(ps []geo.WorldPoint) (sum float64) {
	x0, y0 := float64(ps[0].X), float64(ps[0].Y)
	for i := 2; i < len(ps); i++ {
		ax, ay := float64(ps[i-1].X)-x0, float64(ps[i-1].Y)-y0
		bx, by := float64(ps[i].X)-x0, float64(ps[i].Y)-y0
		sum += ax*by - bx*ay
	}
	return sum / 2
}

func reverse(ps []geo.WorldPoint) {
	for i, j := 0, len(ps)-1; i < j; i, j = i+1, j-1 {
		ps[i], ps[j] = ps[j], ps[i]
	}
}
