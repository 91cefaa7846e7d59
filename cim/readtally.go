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
	scope, ok := r.scope.Within(c)
	if !ok {
		return t
	}
	r.scope = scope
	if scope.Grants == nil {
		var all levels16
		for l := range all {
			all[l] = int16(scope.Grade)
		}
		r.addRegion(&t, scope.Region, &noLevels, &all)
		return t
	}
	// What the outermost grants show, and what those inside show beyond.
	g := scope.Grants
	if around := g.around(scope.Region); around >= 0 {
		r.addRegion(&t, scope.Region, &noLevels, g.levels(around))
	}
	from, to := g.inside(scope.Region)
	for i := from; i < to; i++ {
		r.addRegion(&t, g.nodes[i].region, g.levels(g.nodes[i].up), g.levels(i))
	}
	return t
}

// addRegion adds what is graded above the one levels, up to the others.
func (r Reader) addRegion(t *Tally, c geo.Code, above, upTo *levels16) {
	if _, ok := r.s.regions.Get(c); ok || c == "" {
		if slot, ok := r.s.tallyDir.Get(c); ok {
			r.addTally(t, slot, above, upTo)
		}
		return
	}
	// No such region: those whose codes start with c, the outermost of them.
	r.s.tallyDir.Ascend(c, func(code geo.Code, slot uint32) bool {
		if !c.Contains(code) {
			return false
		}
		n := r.s.tallies.at(slot)
		if up := r.s.tallies.at(n.up); !c.Contains(up.code) {
			r.addTally(t, slot, above, upTo)
		}
		return true
	})
}

func (r Reader) addTally(t *Tally, slot uint32, above, upTo *levels16) {
	n := r.s.tallies.at(slot)
	for i := range n.grades {
		c := &n.grades[i]
		if c.grade > r.scope.Grade {
			continue
		}
		var layers Layers
		for l := range above {
			if g := int16(c.grade); above[l] < g && g <= upTo[l] {
				layers |= 1 << l
			}
		}
		if layers &= r.scope.Layers; layers != 0 {
			r.addCounts(t, c, layers)
		}
	}
}

func (r Reader) addCounts(t *Tally, c *counts, layers Layers) {
	for l, n := range c.objects {
		if layers.Has(Layer(l)) {
			t.Objects[l] += int(n)
		}
	}
	if layers.Has(LayerDevices) {
		t.Devices += int(c.devices)
		t.DevicesLive += int(c.live)
		t.Alarms += int(c.alarms)
		t.Observations.Total += c.total
		t.Observations.Duplicates += c.duplicates
		t.Observations.PerSecond += c.rate.perSecond(r.s.now)
	}
	if layers.Has(LayerUnits) {
		t.Units += int(c.units)
	}
	if layers.Has(LayerIncidents) {
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
