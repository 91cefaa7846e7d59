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
				ws := make([]geo.WorldPoint, 0, len(ring)+1)
				for _, q := range ring {
					ws = append(ws, geo.Project(q))
				}
				if len(ws) > 0 && ws[0] != ws[len(ws)-1] {
					ws = append(ws, ws[0])
				}
				p.rings = append(p.rings, projectedRing{ws, i == 0})
			}
		}
		t.regions = append(t.regions, p)
	}
	o.now.Store(t)
	return t
}

// draw adds each region of the tile's levels three times, the same but for the
// geometry: as a polygon to fill, as lines for its border, as a point for its
// name. A polygon's own outline would not do for a border: where the tile cuts
// it, the cut would glow.
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
		for _, ring := range p.rings {
			e.path(ring.points)
		}
		if e.shown() {
			e.region(p, typeLine)
		}
		if e.point(p.centre); e.shown() {
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
	// A layer's IDs are unique (MVT 2.1 §4.2).
	e.feature(featureNumber(string(p.Code))&^3|uint64(typ), typ)
}
