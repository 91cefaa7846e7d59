package cim

import (
	"cmp"
	"slices"
)

// rest is what a cell does not tell of the things of one grade, because they
// are too few there. It is told by the first cell around in which there are
// enough.
type rest struct {
	grade                Grade
	units, devices, late int
	alarms, alarming     int // alarms of so many devices
	open                 []classCount
	properties           []restProperty // sorted by property
}

// restProperty is what so many devices observed. Devices that have moved on
// are in the windows still, but not counted.
type restProperty struct {
	PropertyState
	devices int
}

// restsOf are the things of a base cell that are graded above g.
func restsOf(n *cellNode, g Grade) []rest {
	var list []rest
	for i := range n.graded {
		if c := &n.graded[i]; c.grade > g && !c.empty() {
			list = pool(list, []rest{{
				grade: c.grade, units: int(c.units), devices: int(c.devices), late: int(c.late),
				alarms: int(c.alarms), alarming: int(c.alarming), open: c.open,
			}})
			at(list, c.grade).observe(c.observing)
		}
	}
	for i := range n.series {
		s := &n.series[i]
		if s.grade <= g {
			continue
		}
		list = pool(list, []rest{{grade: s.grade}})
		p := at(list, s.grade).property(s.property)
		state := s.state()
		p.merge(&state)
	}
	return list
}

// at finds a grade that is in the list.
func at(list []rest, g Grade) *rest {
	i, _ := slices.BinarySearchFunc(list, g, func(r rest, g Grade) int { return cmp.Compare(r.grade, g) })
	return &list[i]
}

func (r *rest) observe(by []classCount) {
	for _, c := range by {
		r.property(Property(c.class)).devices += int(c.n)
	}
}

// property finds a property, or makes it.
func (r *rest) property(p Property) *restProperty {
	i, ok := slices.BinarySearchFunc(r.properties, p, func(a restProperty, p Property) int {
		return cmp.Compare(a.Property, p)
	})
	if !ok {
		r.properties = slices.Insert(r.properties, i, restProperty{PropertyState: PropertyState{Property: p, time: minMillis}})
	}
	return &r.properties[i]
}

// pool adds more to a list, both by grade; more stays as it is.
func pool(list, more []rest) []rest {
	for i := range more {
		o := &more[i]
		k, ok := slices.BinarySearchFunc(list, o.grade, func(r rest, g Grade) int { return cmp.Compare(r.grade, g) })
		if !ok {
			list = slices.Insert(list, k, rest{grade: o.grade})
		}
		list[k].add(o)
	}
	return list
}

func (r *rest) add(o *rest) {
	r.units += o.units
	r.devices += o.devices
	r.late += o.late
	r.alarms += o.alarms
	r.alarming += o.alarming
	for _, c := range o.open {
		r.open = addClass(r.open, c.class, c.n)
	}
	for i := range o.properties {
		p := r.property(o.properties[i].Property)
		p.devices += o.properties[i].devices
		p.merge(&o.properties[i].PropertyState)
	}
}

// tell moves what is enough from r to u, and reports whether anything was.
func (r *rest) tell(u *rollUp, p Privacy) (told bool) {
	move := func(things int, from, to *int) {
		if *from != 0 && p.Enough(things) {
			*to += *from
			*from = 0
			told = true
		}
	}
	move(r.units, &r.units, &u.Units)
	move(r.devices, &r.devices, &u.Devices)
	move(r.late, &r.late, &u.Late)
	if p.Enough(r.alarming) {
		move(r.alarming, &r.alarms, &u.Alarms)
		r.alarming = 0
	}
	r.open = slices.DeleteFunc(r.open, func(c classCount) bool {
		n := int(c.n)
		if !p.Enough(n) {
			return false
		}
		if u.Open == nil {
			u.Open = map[string]int{}
		}
		u.Open[c.class] += n
		told = true
		return true
	})
	r.properties = slices.DeleteFunc(r.properties, func(s restProperty) bool {
		if !p.Enough(s.devices) {
			return false
		}
		if s.time != minMillis { // else they have said nothing in 24 h
			u.addProperties([]PropertyState{s.PropertyState})
			told = true
		}
		return true
	})
	return told
}

// none reports whether nothing is left.
func (r *rest) none() bool {
	return r.units == 0 && r.devices == 0 && r.late == 0 && r.alarms == 0 && len(r.open) == 0 && len(r.properties) == 0
}
