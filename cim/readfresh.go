package cim

import (
	"onecity/geo"

	"github.com/paulmach/orb"
)

// Fresh is the position of the newest change to layer within bound: a tile
// made at a position not below it is still true. It may name a change a little
// outside bound, never miss one inside. A cell of any resolution is where its
// centre is, and changes with every cell in it.
func (r Reader) Fresh(layer Layer, bound orb.Bound) uint64 {
	w, ok := ProjectBound(bound)
	if !ok {
		return 0
	}
	return r.FreshIn(layer, w)
}

// FreshIn is Fresh for a rectangle in world units.
func (r Reader) FreshIn(layer Layer, w WorldBound) uint64 {
	if !r.scope.Layers.Has(layer) || int(layer) >= LayerCount {
		return 0
	}
	if layer == LayerRegions {
		return r.s.regionsSeq
	}
	if layer == LayerCells {
		return r.freshCells(w)
	}
	var newest uint64
	g := &r.s.grid
	for top := range g.tops.len() {
		t := g.tops.at(top)
		if t.sub[layer] <= newest || !w.Touches(t.bound) {
			continue
		}
		if w.covers(t.bound) {
			newest = t.sub[layer]
			continue
		}
		newest = max(newest, t.own[layer])
		for _, mid := range t.kids {
			m := g.mids.at(mid)
			if m.sub[layer] <= newest || !w.Touches(m.bound) {
				continue
			}
			if w.covers(m.bound) {
				newest = m.sub[layer]
				continue
			}
			newest = max(newest, m.own[layer])
			for _, slot := range m.kids {
				if n := g.base.at(slot); n.fresh[layer] > newest && w.Touches(n.bound) {
					newest = n.fresh[layer]
				}
			}
		}
	}
	return newest
}

// freshCells also finds the rolled-up cells whose centres w holds, though what
// changed in them lies outside w.
func (r Reader) freshCells(w WorldBound) (newest uint64) {
	g := &r.s.grid
	take := func(_ geo.Cell, e cellEntry) {
		newest = max(newest, g.tops.at(e.slot).sub[LayerCells])
	}
	for res := range midResolution {
		g.dirs[res].Scan(func(c geo.Cell, e cellEntry) bool {
			switch {
			case !w.Holds(e.centre):
			case res >= topResolution:
				take(c, e)
			default:
				r.s.eachIn(c, res, topResolution, take)
			}
			return true
		})
	}
	for top := range g.tops.len() {
		t := g.tops.at(top)
		if t.sub[LayerCells] <= newest || !w.Touches(t.bound) {
			continue
		}
		for _, mid := range t.kids {
			// Its bound holds the centres of all cells of resolutions 7 to 9 in it.
			if m := g.mids.at(mid); m.sub[LayerCells] > newest && w.Touches(m.bound) {
				newest = m.sub[LayerCells]
			}
		}
	}
	return newest
}
