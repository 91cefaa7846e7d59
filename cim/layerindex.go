package cim

import (
	"math"

	"github.com/tidwall/rtree"
)

// layerIndex finds the objects of one layer in a rectangle, level by level:
// single points in a pointIndex, everything else in an R-tree a level.
type layerIndex struct {
	points pointIndex[*Object]
	shapes [levels]*rtree.RTreeGN[float32, *Object]
	count  int
	// topGrade is no lower than any object's grade.
	topGrade Grade
}

func newLayerIndex() *layerIndex { return &layerIndex{points: newPointIndex[*Object]()} }

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
		x.points.put(int(o.level), o.shape.Point, o.slot, o)
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

// search visits the objects of a level that touch w.
func (x *layerIndex) search(level int, w WorldBound, fn func(*Object) bool) bool {
	goOn := x.points.search(level, w, func(_ uint64, o *Object) bool {
		return !w.Holds(o.shape.Point) || fn(o)
	})
	if t := x.shapes[level]; goOn && t != nil {
		lo, hi := outward(w)
		t.Search(lo, hi, func(_, _ [2]float32, o *Object) bool {
			goOn = !w.Touches(o.shape.Bound) || fn(o)
			return goOn
		})
	}
	return goOn
}

// estimate is how many objects of a level there are about w, no fewer than
// search finds; it does not look at the objects themselves.
func (x *layerIndex) estimate(level int, w WorldBound) (n int) {
	x.points.search(level, w, func(uint64, *Object) bool { n++; return true })
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
