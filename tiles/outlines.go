package tiles

import (
	"sync/atomic"

	"onecity/geo"
)

// outlines keeps the regions in world units, made anew when the tree is
// replaced (a tree is immutable, so its address tells).
type outlines struct{ now atomic.Pointer[projectedTree] }

type projectedTree struct {
	tree    *geo.Regions
	regions []projectedRegion
}

type projectedRegion struct {
	*geo.Region
	centre geo.WorldPoint
	rings  []projectedRing
}

type projectedRing struct {
	points   []geo.WorldPoint
	exterior bool
}

func (o *outlines) of(tree *geo.Regions) *projectedTree {
	if t := o.now.Load(); t != nil && t.tree == tree {
		return t
	}
	t := &projectedTree{tree: tree}
	for _, r := range tree.All() {
		p := projectedRegion{Region: r, centre: geo.Project(r.Centre)}
		for _, poly := range r.Geometry {
			for i, ring := range poly {
				ws := make([]geo.WorldPoint, len(ring))
				for j, q := range ring {
					ws[j] = geo.Project(q)
				}
				p.rings = append(p.rings, projectedRing{ws, i == 0})
			}
		}
		t.regions = append(t.regions, p)
	}
	o.now.Store(t)
	return t
}

// draw adds each region of the tile's levels as a polygon and, for its name,
// as a point: the two differ in geometry type only.
func (o *outlines) draw(e *encoder, tree *geo.Regions) {
	t := o.of(tree)
	for i := range t.regions {
		p := &t.regions[i]
		from, known := regionZoom[p.Level]
		if !known || e.zoom < from {
			continue
		}
		for _, ring := range p.rings {
			e.ring(ring.points, ring.exterior)
		}
		if e.shown() {
			e.region(p, typePolygon)
		}
		e.clear()
		e.point(p.centre)
		if e.shown() {
			e.region(p, typePoint)
		}
	}
}

func (e *encoder) region(p *projectedRegion, typ byte) {
	e.text(keyCode, string(p.Code))
	e.text(keyName, p.Name)
	e.text(keyNameEn, p.NameEn)
	e.number(keyLevel, float64(p.Level))
	e.flag(keyMade, p.Made)
	id := featureNumber(string(p.Code)) &^ 1
	if typ == typePoint {
		id |= 1 // a layer's IDs are unique (MVT 2.1 §4.2)
	}
	e.feature(id, typ)
}
