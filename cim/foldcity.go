package cim

import (
	"reflect"
	"slices"

	"onecity/geo"
)

func (m *Model) putProfile(p Profile) {
	p.Notices = slices.Clone(p.Notices)
	if reflect.DeepEqual(p, m.profile) {
		return
	}
	m.profile = p
}

func (m *Model) putFormula(f Formula) {
	f.Terms = slices.Clone(f.Terms)
	if reason := f.Check(); reason != nil {
		m.ignore("formula")
		return
	}
	if slices.Equal(f.Terms, m.formula.Terms) {
		return
	}
	m.formula = f
	m.touchCells()
}

// touchCells says that every cell tells something else.
func (m *Model) touchCells() {
	for slot := range m.grid.base.len() {
		if n := m.grid.base.at(slot); !n.empty() {
			m.touchCell(slot)
		}
	}
}

// putRegions replaces the tree. Everything that is in a region is looked up
// again, and counted anew.
func (m *Model) putRegions(f RegionsPut) {
	t, err := geo.NewRegions(f.Regions)
	if err != nil {
		m.ignore("regions")
		return
	}
	if sameRegions(m.regions, t) {
		return
	}
	m.nameRegions(m.regions, true)
	m.regions = t
	m.nameRegions(t, false)
	m.recount()
	m.regionsSeq = m.seq
}

func (m *Model) nameRegions(t *geo.Regions, gone bool) {
	for _, r := range t.All() {
		m.changed(LayerRegions, string(r.Code), geo.CellAt(r.Centre, geo.BaseResolution), gone)
	}
}

func sameRegions(a, b *geo.Regions) bool {
	return slices.EqualFunc(a.All(), b.All(), func(x, y *geo.Region) bool {
		return x.Code == y.Code && x.Name == y.Name && x.NameEn == y.NameEn && x.Level == y.Level &&
			x.Parent == y.Parent && x.Centre == y.Centre && x.Made == y.Made && x.Geometry.Equal(y.Geometry)
	})
}
