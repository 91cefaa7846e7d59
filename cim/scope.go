package cim

import (
	"fmt"

	"onecity/geo"
)

// Grade is a data grade 数据分级: the higher, the fewer may see it.
type Grade uint8

// Scope is what a reader may see: the regions whose code starts with Region,
// the Layers, and things graded no higher than Grade; and of those, where
// Grants is not nil, only what one of the Grants covers too. The zero Scope
// sees nothing.
//
// It is a small value to pass on. Narrow it with Within and Only: both make it
// the simplest Scope that shows the same.
type Scope struct {
	Grants *Grants
	Region geo.Code
	Layers Layers
	Grade  Grade
}

// Whole is the scope of a reader who may see everything.
func Whole() Scope { return Scope{Layers: AllLayers, Grade: 255} }

// Sees reports whether a thing of layer l, in region c, graded g is visible.
func (s Scope) Sees(l Layer, c geo.Code, g Grade) bool {
	if !s.Layers.Has(l) || g > s.Grade || !s.Region.Contains(c) {
		return false
	}
	return s.Grants == nil || s.Grants.level(l, c) >= int16(g)
}

// Level is the highest grade of things of layer l, in region c, that is
// visible; ok is false when none is.
func (s Scope) Level(l Layer, c geo.Code) (g Grade, ok bool) {
	if !s.Sees(l, c, 0) {
		return 0, false
	}
	if s.Grants == nil {
		return s.Grade, true
	}
	return min(s.Grade, Grade(s.Grants.level(l, c))), true
}

// Within narrows s to what it sees in c: c may lie inside what s sees, or
// around it. ok is false when s sees nothing there.
func (s Scope) Within(c geo.Code) (narrow Scope, ok bool) {
	switch {
	case s.Region.Contains(c):
		s.Region = c
	case !c.Contains(s.Region):
		return Scope{}, false
	}
	s = s.simple()
	return s, s.Layers != 0
}

// Only narrows s to some of its layers.
func (s Scope) Only(ls Layers) Scope {
	s.Layers &= ls
	return s.simple()
}

// simple is s without what makes no difference: layers and grades that the
// grants do not reach in the region, and the grants where they come to one.
func (s Scope) simple() Scope {
	g := s.Grants
	if g == nil || s.Layers == 0 {
		return Scope{nil, s.Region, s.Layers, s.Grade}.orNothing()
	}
	around := g.around(s.Region)
	from, to := g.inside(s.Region)
	if around < 0 && from < to && g.nodes[from].region.Contains(g.nodes[to-1].region) {
		// Nothing is granted but in one region inside.
		s.Region, around = g.nodes[from].region, from
		from++
	}
	top := int16(-1)
	var layers Layers
	same := from == to // all layers, up to the same grade, everywhere
	take := func(i int) {
		for l, level := range g.levels(i) {
			if level >= 0 && s.Layers.Has(Layer(l)) {
				level = min(level, int16(s.Grade))
				same = same && (layers == 0 || level == top)
				layers |= 1 << l
				top = max(top, level)
			}
		}
	}
	take(around)
	for i := from; i < to; i++ {
		take(i)
	}
	if layers == 0 {
		return Scope{}
	}
	s.Layers, s.Grade = layers, Grade(top)
	if same {
		s.Grants = nil
	}
	return s
}

func (s Scope) orNothing() Scope {
	if s.Layers == 0 {
		return Scope{}
	}
	return s
}

// Pieces are what s sees of a layer, as grants of that layer: a thing is
// visible exactly when one of them covers it. For readers of other stores.
func (s Scope) Pieces(l Layer) []Grant {
	if !s.Layers.Has(l) {
		return nil
	}
	if s.Grants == nil {
		return []Grant{{s.Region, 1 << l, s.Grade}}
	}
	var list []Grant
	g := s.Grants
	add := func(c geo.Code, i int, above int16) {
		if level := g.levels(i)[l]; level > above {
			list = append(list, Grant{c, 1 << l, min(s.Grade, Grade(level))})
		}
	}
	around := g.around(s.Region)
	add(s.Region, around, -1)
	from, to := g.inside(s.Region)
	for i := from; i < to; i++ {
		above := int16(-1)
		if up := g.nodes[i].up; up >= 0 {
			above = min(g.nodes[up].levels[l], int16(s.Grade))
		}
		if min(g.nodes[i].levels[l], int16(s.Grade)) > above {
			add(g.nodes[i].region, i, above)
		}
	}
	return list
}

// Regions are the outermost regions that s sees anything in; "" is the whole city.
func (s Scope) Regions() []geo.Code {
	if s.Layers == 0 {
		return nil
	}
	if s.Grants == nil {
		return []geo.Code{s.Region}
	}
	var list []geo.Code
	add := func(c geo.Code, levels *levels16) {
		if n := len(list); n > 0 && list[n-1].Contains(c) {
			return
		}
		for l, level := range levels {
			if level >= 0 && s.Layers.Has(Layer(l)) {
				list = append(list, c)
				return
			}
		}
	}
	add(s.Region, s.Grants.levels(s.Grants.around(s.Region)))
	from, to := s.Grants.inside(s.Region)
	for i := from; i < to; i++ {
		add(s.Grants.nodes[i].region, s.Grants.levels(i))
	}
	return list
}

// Alike reports whether s sees all cells in c, and the same things everywhere
// in it; level is the grade up to which it sees cells there.
func (s Scope) Alike(c geo.Code) (level Grade, ok bool) {
	if level, ok = s.Level(LayerCells, c); ok && s.Grants != nil {
		from, to := s.Grants.inside(c)
		ok = from == to
	}
	return level, ok
}

// everywhere reports whether every thing of l graded up to g is visible
// whatever its region.
func (s Scope) everywhere(l Layer, g Grade) bool {
	return s.Region == "" && s.Sees(l, "", g)
}

// ScopeKey names what a Scope shows: equal keys show the same. It is
// comparable, and equal in every process.
type ScopeKey struct {
	Grants string
	Region geo.Code
	Layers Layers
	Grade  Grade
}

// Key is the scope's name, for maps.
func (s Scope) Key() ScopeKey { return ScopeKey{s.Grants.String(), s.Region, s.Layers, s.Grade} }

// String is for logs.
func (s Scope) String() string {
	return fmt.Sprintf("%q %#x ≤%d {%s}", string(s.Region), uint16(s.Layers), s.Grade, s.Grants)
}
