package cim

import "github.com/tidwall/btree"

// DevicesAfter visits all devices by ID, those after the given one ("" is
// before all), until fn returns false: for lists that are read page by page.
func (r Reader) DevicesAfter(id string, fn func(*DeviceState) bool) {
	if !r.scope.Layers.Has(LayerDevices) {
		return
	}
	after(r.s.deviceIDs, id, func(slot uint32) bool {
		n := r.s.devices.at(slot)
		return !r.scope.Sees(LayerDevices, n.Region, n.Grade) || fn(&n.DeviceState)
	})
}

// UnitsAfter visits all units by ID, also those without a position.
func (r Reader) UnitsAfter(id string, fn func(*UnitState) bool) {
	if !r.scope.Layers.Has(LayerUnits) {
		return
	}
	after(r.s.unitIDs, id, func(slot uint32) bool {
		n := r.s.units.at(slot)
		return !r.scope.Sees(LayerUnits, n.Region, n.Grade) || fn(&n.UnitState)
	})
}

// IncidentsAfter visits all incidents by ID.
func (r Reader) IncidentsAfter(id string, fn func(*IncidentState) bool) {
	if !r.scope.Layers.Has(LayerIncidents) {
		return
	}
	after(r.s.caseIDs, id, func(slot uint32) bool {
		n := r.s.incidents.at(slot)
		return !r.scope.Sees(LayerIncidents, n.Region, n.Grade) || fn(&n.IncidentState)
	})
}

func after(ids *btree.Map[string, uint32], id string, fn func(slot uint32) bool) {
	ids.Ascend(id, func(k string, slot uint32) bool { return k == id && id != "" || fn(slot) })
}
