package cim

import "onecity/geo"

// Tally sums up a region (one of the tree, or the city): see the fields.
type Tally struct {
	Objects      [LayerCount]int
	Devices      int
	DevicesLive  int // said something within the last 15 min
	Alarms       int // datastreams in alarm
	Units        int // with a position within the last 15 min, and not "off"
	Open, Late   int
	OpenByClass  map[string]int
	ByStatus     map[Status]int
	Observations Rate
}

// Rate counts what was accepted into the model.
type Rate struct {
	Total      uint64  // since the first event
	PerSecond  float64 // over the last minute of the model's time
	Duplicates uint64
}

// Tally of region c, as far as the scope reaches: zero outside it, and of a
// region around it the part inside. Layers that the scope lacks stay zero.
func (r Reader) Tally(c geo.Code) Tally {
	t := Tally{OpenByClass: map[string]int{}, ByStatus: map[Status]int{}}
	switch {
	case c.Contains(r.scope.Region):
		c = r.scope.Region
	case !r.scope.Region.Contains(c):
		return t
	}
	if slot, ok := r.s.tallyDir.Get(c); ok {
		r.addTally(&t, slot)
		return t
	}
	// No such region: those whose codes start with c, the outermost of them.
	r.s.tallyDir.Ascend(c, func(code geo.Code, slot uint32) bool {
		if !c.Contains(code) {
			return false
		}
		n := r.s.tallies.at(slot)
		if up := r.s.tallies.at(n.up); !c.Contains(up.code) {
			r.addTally(&t, slot)
		}
		return true
	})
	return t
}

func (r Reader) addTally(t *Tally, slot uint32) {
	n := r.s.tallies.at(slot)
	for i := range n.grades {
		if n.grades[i].grade <= r.scope.Grade {
			r.addCounts(t, &n.grades[i])
		}
	}
}

func (r Reader) addCounts(t *Tally, c *counts) {
	for l, n := range c.objects {
		if r.scope.Layers.Has(Layer(l)) {
			t.Objects[l] += int(n)
		}
	}
	if r.scope.Layers.Has(LayerDevices) {
		t.Devices += int(c.devices)
		t.DevicesLive += int(c.live)
		t.Alarms += int(c.alarms)
		t.Observations.Total += c.total
		t.Observations.Duplicates += c.duplicates
		t.Observations.PerSecond += c.rate.perSecond(r.s.now)
	}
	if r.scope.Layers.Has(LayerUnits) {
		t.Units += int(c.units)
	}
	if r.scope.Layers.Has(LayerIncidents) {
		t.Late += int(c.late)
		for _, k := range c.byClass {
			t.OpenByClass[k.class] += int(k.n)
			t.Open += int(k.n)
		}
		for i, n := range c.byStatus {
			if n != 0 {
				t.ByStatus[statuses[i]] += int(n)
			}
		}
	}
}
