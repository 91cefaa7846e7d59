package tiles

import (
	"cmp"
	"slices"

	"onecity/cim"
	"onecity/geo"
)

// found is an object that a tile may show. Its key is its importance above its
// number.
type found struct {
	*cim.Object
	key uint64
}

func (f *found) number() uint64 { return f.key & (1<<numberBits - 1) }

// drawObjects draws the most important objects first, and those of one level
// in the order of their numbers: the order in the model's R-trees depends on
// how they grew, and a tile whose content is the same must have the same
// bytes. Single points stand in a B-tree, whose order stays; they are many,
// and drawn as they come.
func drawObjects(e *encoder, r cim.Reader, l cim.Layer, t Tile) {
	if l == cim.LayerComponents {
		visit(e, r, l, t, func(f found) { e.object(&f, t.Z) })
		return
	}
	visit(e, r, l, t, func(f found) { e.found = append(e.found, f) })
	slices.SortFunc(e.found, func(a, b found) int { return cmp.Compare(a.key, b.key) })
	for i := range e.found {
		e.object(&e.found[i], t.Z)
	}
	clear(e.found)
	e.found = e.found[:0]
}

func visit(e *encoder, r cim.Reader, l cim.Layer, t Tile, fn func(found)) {
	r.ObjectsIn(l, t.world(e.spec.Buffer), stepAt(e.spec.Budget, t.Z), func(o *cim.Object) bool {
		fn(found{o, uint64(o.Level())<<numberBits | featureNumber(o.ID)})
		return true
	})
}

func (e *encoder) object(o *found, zoom uint8) {
	typ := e.shape(o.Object)
	if !e.shown() {
		e.clear()
		return
	}
	e.describe(o.Object, zoom)
	e.feature(o.number(), typ)
	// A lake's name stands once, in its middle, not once in each tile.
	if o.Layer == cim.LayerWater && typ == typePolygon && o.Name != "" {
		if e.point(o.Shape().Point); e.shown() {
			e.describe(o.Object, zoom)
			e.feature(o.number()^1<<(numberBits-1), typePoint)
		}
	}
}

func (e *encoder) describe(o *cim.Object, zoom uint8) {
	if zoom >= idZoom {
		e.unique(keyID, o.ID)
	}
	e.text(keyClass, o.Class)
	e.text(keyKind, o.Kind)
	e.text(keyName, o.Name)
	e.text(keyNameEn, o.NameEn)
	if o.Height > 0 {
		e.number(keyHeight, float64(o.Height))
	}
	if o.Base > 0 {
		e.number(keyBase, float64(o.Base))
	}
	e.flag(keyMade, o.Made)
}

// shape adds the geometry of o and says what type it is. A place is its
// middle, whatever its outline.
func (e *encoder) shape(o *cim.Object) byte {
	s := o.Shape()
	switch {
	case s.Kind == cim.NoShape:
		return 0
	case s.Kind == cim.Points || o.Layer == cim.LayerPlaces:
		if s.Parts == nil || o.Layer == cim.LayerPlaces {
			e.point(s.Point)
		} else {
			e.points(s.Parts[0])
		}
		return typePoint
	case s.Kind == cim.Lines:
		for _, part := range s.Parts {
			e.path(part)
		}
		return typeLine
	}
	for i, part := range s.Parts {
		e.ring(part, i == 0 || clockwise(part))
	}
	return typePolygon
}

// clockwise reports whether a ring is an exterior one: cim winds those
// clockwise on the screen and holes the other way.
func clockwise(ws []geo.WorldPoint) bool {
	var sum float64
	x0, y0 := float64(ws[0].X), float64(ws[0].Y)
	for i := 2; i < len(ws); i++ {
		ax, ay := float64(ws[i-1].X)-x0, float64(ws[i-1].Y)-y0
		bx, by := float64(ws[i].X)-x0, float64(ws[i].Y)-y0
		sum += ax*by - bx*ay
	}
	return sum > 0
}
