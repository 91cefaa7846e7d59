package cim

import (
	"math"

	"onecity/geo"

	"github.com/tidwall/rtree"
)

// layerIndex finds the objects of one layer in a rectangle, level by level:
// single points in a pointIndex, everything else in an R-tree a level.
type layerIndex struct {
	points pointIndex[standing]
	shapes [levels]*rtree.RTreeGN[float32, *Object]
	count  int
	// topGrade is no lower than any object's grade.
	topGrade Grade
}

// standing is a single point in the index: with it lies what decides whether a
// search wants it, so that the object itself, somewhere else in memory, is
// fetched only then.
type standing struct {
	*Object
	rank uint32
	x, y uint16 // the place within the grid square of its key
}

func (o *Object) standing() standing {
	p := o.shape.Point
	return standing{Object: o, rank: o.rank(), x: uint16(p.X), y: uint16(p.Y)}
}

// place is where it stands; key is its key in the index.
func (s standing) place(key uint64) geo.WorldPoint {
	corner := keyCorner(key)
	return geo.WorldPoint{X: corner.X | uint32(s.x), Y: corner.Y | uint32(s.y)}
}

func newLayerIndex() *layerIndex { return &layerIndex{points: newPointIndex[standing]()} }

// snapshot is a copy for readers; both sides copy on write from here on.
func (x *layerIndex) snapshot() *layerIndex {
	c := &layerIndex{points: x.points.snapshot(), count: x.count, topGrade: x.topGrade}
	for i, t := range x.shapes {
		if t != nil {
			c.shapes[i] = t.Copy()
		}
	}
	return c
}

func (x *layerIndex) put(o *Object) {
	x.count++
	x.topGrade = max(x.topGrade, o.Grade)
	if o.isPoint() {
		x.points.put(int(o.level), o.shape.Point, o.slot, o.standing())
		return
	}
	t := x.shapes[o.level]
	if t == nil {
		t = new(rtree.RTreeGN[float32, *Object])
		x.shapes[o.level] = t
	}
	lo, hi := outward(o.shape.Bound)
	t.Insert(lo, hi, o)
}

func (x *layerIndex) remove(o *Object) {
	x.count--
	if o.isPoint() {
		x.points.remove(int(o.level), o.shape.Point, o.slot)
		return
	}
	lo, hi := outward(o.shape.Bound)
	x.shapes[o.level].Delete(lo, hi, o)
}

// inLevel is how many objects a level has in the whole layer.
func (x *layerIndex) inLevel(level int) int {
	n := x.points.perLevel[level]
	if t := x.shapes[level]; t != nil {
		n += t.Len()
	}
	return n
}

// search visits the objects of a level that touch w and whose rank is below
// keep.
func (x *layerIndex) search(level int, w WorldBound, keep uint64, fn func(*Object) bool) bool {
	goOn := x.points.search(level, w, func(key uint64, s standing) bool {
		return uint64(s.rank) >= keep || !w.Holds(s.place(key)) || fn(s.Object)
	})
	if t := x.shapes[level]; goOn && t != nil {
		lo, hi := outward(w)
		in := inward(w)
		t.Search(lo, hi, func(lo, hi [2]float32, o *Object) bool {
			if keep < everyRank && uint64(o.rank()) >= keep {
				return true
			}
			// The object's own bound is only asked about at the edge of w.
			goOn = !in.holds(lo, hi) && !w.Touches(o.shape.Bound) || fn(o)
			return goOn
		})
	}
	return goOn
}

// estimate is how many objects of a level there are about w, no fewer than
// search finds; it does not look at the objects themselves.
func (x *layerIndex) estimate(level int, w WorldBound) (n int) {
	x.points.search(level, w, func(uint64, standing) bool { n++; return true })
	if t := x.shapes[level]; t != nil {
		lo, hi := outward(w)
		t.Search(lo, hi, func(_, _ [2]float32, _ *Object) bool { n++; return true })
	}
	return n
}

// outward is w in float32, which halves the R-tree, rounded so that it grows.
func outward(w WorldBound) (lo, hi [2]float32) {
	return [2]float32{below(w.Min.X), below(w.Min.Y)}, [2]float32{above(w.Max.X), above(w.Max.Y)}
}

// floatBox is a rectangle in float32.
type floatBox struct{ lo, hi [2]float32 }

// inward is w in float32, rounded so that it shrinks.
func inward(w WorldBound) floatBox {
	return floatBox{[2]float32{above(w.Min.X), above(w.Min.Y)}, [2]float32{below(w.Max.X), below(w.Max.Y)}}
}

// holds reports whether the rectangle lo, hi is inside.
func (b *floatBox) holds(lo, hi [2]float32) bool {
	return b.lo[0] <= lo[0] && hi[0] <= b.hi[0] && b.lo[1] <= lo[1] && hi[1] <= b.hi[1]
}

func below(v uint32) float32 {
	f := float32(v)
	if float64(f) > float64(v) {
		f = math.Nextafter32(f, 0)
	}
	return f
}

func above(v uint32) float32 {
	f := float32(v)
	if float64(f) < float64(v) {
		f = math.Nextafter32(f, math.MaxFloat32)
	}
	return f
}
