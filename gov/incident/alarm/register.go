package alarm

import "slices"

// register takes devices and units in, new or changed.
func (e *Engine) register(f Registered) {
	for i := range f.Devices {
		e.putDevice(f.Devices[i])
	}
	for i := range f.Units {
		u := f.Units[i]
		e.units[u.ID] = &u
	}
	if len(f.Devices) > 0 {
		clear(e.plans)
		for _, r := range e.rules {
			r.watch, r.fresh = nil, false
		}
	}
}

func (e *Engine) putDevice(d Device) {
	old := e.devices[d.ID]
	if old != nil && *old == d {
		return
	}
	if old != nil && old.Cell != d.Cell {
		e.inCell[old.Cell] = slices.DeleteFunc(slices.Clone(e.inCell[old.Cell]), func(id string) bool { return id == d.ID })
	}
	if old == nil || old.Cell != d.Cell {
		list := e.inCell[d.Cell]
		at, _ := slices.BinarySearch(list, d.ID)
		e.inCell[d.Cell] = slices.Insert(slices.Clone(list), at, d.ID)
	}
	e.devices[d.ID] = &d
	// A device that is moved crosses fences as a unit does.
	for _, r := range e.rules {
		if r.live() && r.Kind == KindFence && r.looksAt(&d) {
			e.cross(r, "device:"+d.ID, e.now, subjectOf(&d, 0))
		}
	}
}

func subjectOf(d *Device, value float64) subject {
	return subject{ID: d.ID, Name: d.Name, Kind: d.Kind, Lon: d.Lon, Lat: d.Lat, Region: d.Region, Value: value, Simulated: d.Simulated}
}

// watched are the devices that a rule looks at, by id.
func (e *Engine) watched(r *running) []*Device {
	if r.fresh {
		return r.watch
	}
	r.watch, r.fresh = r.watch[:0], true
	for _, d := range e.devices {
		if r.looksAt(d) {
			r.watch = append(r.watch, d)
		}
	}
	slices.SortFunc(r.watch, func(a, b *Device) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return r.watch
}
