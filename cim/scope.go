package cim

import "onecity/geo"

// Grade is a data grade 数据分级: the higher, the fewer may see it.
type Grade uint8

// Scope is what a reader may see: the regions whose code starts with Region,
// the Layers, and things graded no higher than Grade. The zero Scope sees
// nothing.
type Scope struct {
	Region geo.Code
	Layers Layers
	Grade  Grade
}

// Whole is the scope of a reader who may see everything.
func Whole() Scope { return Scope{Layers: AllLayers, Grade: 255} }

// Within narrows s to a region inside it; ok is false when c is outside s.
func (s Scope) Within(c geo.Code) (narrow Scope, ok bool) {
	if !s.Region.Contains(c) {
		return Scope{}, false
	}
	s.Region = c
	return s, true
}

// Only narrows s to some of its layers.
func (s Scope) Only(ls Layers) Scope {
	s.Layers &= ls
	return s
}

// Sees reports whether a thing of layer l, in region c, graded g is visible.
func (s Scope) Sees(l Layer, c geo.Code, g Grade) bool {
	return s.Layers.Has(l) && g <= s.Grade && s.Region.Contains(c)
}
