package tiles

import (
	"onecity/cim"
	"onecity/geo"
)

func drawObjects(e *encoder, r cim.Reader, l cim.Layer, t Tile) {
	r.ObjectsIn(l, t.world(e.spec.Buffer), stepAt(e.spec.Budget, t.Z), func(o *cim.Object) bool {
		typ := e.shape(o)
		if !e.shown() {
			e.clear()
			return true
		}
		if t.Z >= idZoom {
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
		e.feature(featureNumber(o.ID), typ)
		return true
	})
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
