package cim

import (
	"maps"
	"slices"

	"onecity/geo"

	"github.com/paulmach/orb"
)

func (m *Model) putObjects(f ObjectsPut) {
	block := make([]Object, len(f.Objects)) // the fact's own stay as they are
	for i := range f.Objects {
		block[i] = f.Objects[i]
		var ready *readyObject
		if len(f.ready) == len(f.Objects) {
			ready = &f.ready[i]
		}
		m.putObject(&block[i], ready)
	}
}

// putObject puts o; ready is nil when it was not prepared.
func (m *Model) putObject(o *Object, ready *readyObject) {
	switch {
	case o.ID == "":
		m.ignore("object-without-id")
		return
	case !slices.Contains(objectLayers, o.Layer):
		m.ignore("object-layer")
		return
	}
	if ready != nil {
		o.Geometry = ready.geometry
	} else {
		o.Geometry = plain(o.Geometry)
	}
	old, known := m.objects.Get(o.ID)
	if known && sameObject(old, o) {
		return
	}
	if ready == nil {
		r := o.prepare(o.Geometry)
		ready = &r
	}
	if !ready.ok {
		m.ignore("object-geometry")
		return
	}
	o.shape, o.level, o.hash = ready.shape, ready.level, ready.hash
	middle := geo.Unproject(o.shape.Point)
	o.Region = geo.Code(m.word(string(m.regionAt(middle))))
	o.Class, o.Kind, o.Source = m.word(o.Class), m.word(o.Kind), m.word(o.Source)
	cell := ready.cell
	o.cell = m.slotOfCell(cell)
	if known {
		m.takeOut(old)
		if o.slot = old.slot; old.Layer != o.Layer {
			m.changed(old.Layer, old.ID, m.grid.base.at(old.cell).cell, true)
		}
	} else {
		o.slot = m.objectSlots.take()
	}
	m.objects.Set(o.ID, o)
	m.layers[o.Layer].put(o)
	m.touched[o.Layer] = true
	m.count(o.Region, o.Grade, func(t *counts) { t.objects[o.Layer]++ })
	m.markBound(o.Layer, o.cell, o.shape.Bound)
	m.changed(o.Layer, o.ID, cell, false)
}

// takeOut takes an object out of its layer and its counts.
func (m *Model) takeOut(o *Object) {
	m.layers[o.Layer].remove(o)
	m.touched[o.Layer] = true
	m.count(o.Region, o.Grade, func(t *counts) { t.objects[o.Layer]-- })
	m.markBound(o.Layer, o.cell, o.shape.Bound)
}

func (m *Model) removeObjects(f ObjectsRemoved) {
	for _, id := range f.IDs {
		o, ok := m.objects.Get(id)
		if !ok {
			m.ignore("unknown-object")
			continue
		}
		m.takeOut(o)
		m.objects.Delete(id)
		m.objectSlots.give(o.slot)
		m.changed(o.Layer, id, m.grid.base.at(o.cell).cell, true)
	}
}

// sameObject compares what a sender says of an object.
func sameObject(a, b *Object) bool {
	return a.Layer == b.Layer && a.Class == b.Class && a.Kind == b.Kind &&
		a.Name == b.Name && a.NameEn == b.NameEn && a.Height == b.Height && a.Base == b.Base &&
		a.Grade == b.Grade && a.Source == b.Source && a.Made == b.Made &&
		maps.Equal(a.Attributes, b.Attributes) && b.Geometry != nil && orb.Equal(a.Geometry, b.Geometry)
}
