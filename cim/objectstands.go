package cim

import "slices"

// Stands reports whether the fold takes the object in, so that a store of
// objects holds what the model holds: one that the fold ignores must not
// replace the one before it.
func (o *Object) Stands() bool {
	if o.ID == "" || !slices.Contains(objectLayers, o.Layer) {
		return false
	}
	_, ok := makeShape(plain(o.Geometry))
	return ok
}
