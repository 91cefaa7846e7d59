package tiles

import (
	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

func drawObjects(e *encoder, r cim.Reader, l cim.Layer, t Tile) {
	r.Objects(l, reach(l, t), at(e.spec.Budget, t.Z), func(o *cim.Object) bool {
		typ := e.shape(o)
		if !e.shown() {
			e.clear()
			return true
		}
		if t.Z >= idZoom {
			e.text(keyID, o.ID)
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

// shape adds the geometry of o and says what type it is.
func (e *encoder) shape(o *cim.Object) byte { return e.add(o.Geometry) }

func (e *encoder) add(g orb.Geometry) byte {
	switch g := g.(type) {
	case orb.Point:
		e.point(geo.Project(g))
		return typePoint
	case orb.LineString:
		e.path(e.projected(g))
		return typeLine
	case orb.MultiLineString:
		for _, ls := range g {
			e.path(e.projected(ls))
		}
		return typeLine
	case orb.Polygon:
		for i, ring := range g {
			e.ring(e.projected(ring), i == 0)
		}
		return typePolygon
	case orb.MultiPolygon:
		for _, poly := range g {
			for i, ring := range poly {
				e.ring(e.projected(ring), i == 0)
			}
		}
		return typePolygon
	}
	return 0
}

func (e *encoder) projected(ps []orb.Point) []geo.WorldPoint {
	e.world = e.world[:0]
	for _, p := range ps {
		e.world = append(e.world, geo.Project(p))
	}
	return e.world
}
