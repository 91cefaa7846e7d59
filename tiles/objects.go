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
	r.ObjectsIn(l, t.world(e.spec.Buffer), stepAt(e.spec.Budget, t.Z), func(o *cim.Object) bool {
		e.found = append(e.found, found{Object: o})
		return true
	})
	for i := range e.found {
		f := &e.found[i]
		f.key = uint64(f.Level())<<numberBits | numberOf(f.Hash())
	}
	if l != cim.LayerComponents {
		slices.SortFunc(e.found, func(a, b found) int { return cmp.Compare(a.key, b.key) })
	}
	for batch := range slices.Chunk(e.found, batchSize) {
		e.fetch(batch)
		for i := range batch {
			e.object(&batch[i], t.Z)
		}
	}
	clear(e.found)
	e.found = e.found[:0]
}

// batchSize objects, with all they point to, fit into a processor's nearest
// cache.
const batchSize = 64

// fetch reads what a batch's features will be made of, and nothing but reads:
// the processor then waits for many far places of memory at once, where
// drawing would wait for each in its turn.
func (e *encoder) fetch(batch []found) {
	var sum byte
	for i := range batch {
		if id := batch[i].ID; len(id) > 0 {
			sum += id[0]
		}
	}
	for i := range batch {
		if parts := batch[i].Shape().Parts; len(parts) > 0 {
			sum += byte(len(parts[0]))
		}
	}
	for i := range batch {
		if parts := batch[i].Shape().Parts; len(parts) > 0 && len(parts[0]) > 0 {
			sum += byte(parts[0][0].X)
		}
	}
	e.fetched = sum
}

func (e *encoder) object(o *found, zoom uint8) {
	if s := o.Shape(); s.Kind == cim.Points && s.Parts == nil {
		if l := e.looks.of(o.Object); l.fits(o.Object) {
			id := o.ID
			if zoom < idZoom {
				id = ""
			}
			if p := e.frame.tile(s.Point); e.shows(p) {
				e.spot(o.number(), p, id, l)
			}
			return
		}
	}
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
	look := e.looks.of(o)
	if look.fits(o) {
		e.tags = append(e.tags, look.tags[:look.n]...)
		return
	}
	start := len(e.tags)
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
	look.keep(o, e.tags[start:])
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
