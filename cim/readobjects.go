package cim

import "github.com/paulmach/orb"

// Object finds one object of any object layer.
func (r Reader) Object(id string) (*Object, bool) {
	o, ok := r.s.objects.Get(id)
	if !ok || !r.scope.Sees(o.Layer, o.Region, o.Grade) {
		return nil, false
	}
	return o, true
}

// Objects visits the objects of layer that touch bound, the most important
// first (large water and buildings, main roads; points thinned evenly by a
// hash of their ID), until fn returns false or budget were visited; budget ≤ 0
// means all. It reports whether all were visited. Same snapshot, same order.
func (r Reader) Objects(layer Layer, bound orb.Bound, budget int, fn func(*Object) bool) (all bool) {
	w, ok := ProjectBound(bound)
	if !ok {
		return true
	}
	return r.ObjectsIn(layer, w, budget, fn)
}

// ObjectsIn is Objects for a rectangle in world units.
func (r Reader) ObjectsIn(layer Layer, w WorldBound, budget int, fn func(*Object) bool) (all bool) {
	if int(layer) >= LayerCount || r.s.layers[layer] == nil || !r.scope.Layers.Has(layer) {
		return true
	}
	x := r.s.layers[layer]
	open := r.seesAll(layer, x.topGrade)
	t := thinner[*Object]{
		budget:  budget,
		inLevel: x.inLevel,
		estimate: func(level int) (n int) {
			if open {
				return x.estimate(level, w)
			}
			x.search(level, w, everyRank, func(o *Object) bool {
				if r.scope.Sees(layer, o.Region, o.Grade) {
					n++
				}
				return true
			})
			return n
		},
		visit: func(level int, keep uint64, fn func(*Object) bool) bool {
			if open {
				return x.search(level, w, keep, fn)
			}
			return x.search(level, w, keep, func(o *Object) bool {
				return !r.scope.Sees(layer, o.Region, o.Grade) || fn(o)
			})
		},
	}
	return t.run(fn)
}
