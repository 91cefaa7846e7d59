package cim

import (
	"math"
	"slices"
	"strings"

	"onecity/geo"
)

// rollUp is a sum of cells in the making.
type rollUp struct {
	cells int
	rolled
}

// addNode makes the sum that of a base cell alone.
func (u *rollUp) addNode(n *cellNode) {
	u.cells = 1
	u.common, u.first = n.region, n.region
	u.Seq = n.seq
	u.Late, u.Units, u.Devices, u.Alarms = int(n.late), int(n.units), int(n.devices), int(n.alarms)
	if len(n.open) > 0 {
		u.Open = make(map[string]int, len(n.open))
		for _, c := range n.open {
			u.Open[c.class] = int(c.n)
		}
	}
	if len(n.series) > 0 {
		u.Properties = make([]PropertyState, len(n.series))
	}
	for i := range n.series {
		s := &n.series[i]
		p := &u.Properties[i]
		p.Property, p.time = s.property, s.time
		for w := range p.Windows {
			p.Windows[w] = s.aggregate(Window(w))
		}
	}
	for i := range n.rows {
		u.addValue(NamedValue{n.rows[i].name, n.rows[i].value, 1})
	}
}

// add adds a cell, or a sum of cells.
func (u *rollUp) add(o *rolled) {
	if u.cells == 0 {
		u.common, u.first = o.common, o.first
	} else {
		u.common = commonPrefix(u.common, o.common)
	}
	u.cells++
	u.Seq = max(u.Seq, o.Seq)
	u.Late += o.Late
	u.Units += o.Units
	u.Devices += o.Devices
	u.Alarms += o.Alarms
	for class, n := range o.Open {
		if u.Open == nil {
			u.Open = make(map[string]int, len(o.Open))
		}
		u.Open[class] += n
	}
	u.addProperties(o.Properties)
	for _, v := range o.Indicators {
		u.addValue(v)
	}
}

func (u *rollUp) addProperties(list []PropertyState) {
	if u.Properties == nil {
		u.Properties = slices.Clone(list)
		return
	}
	i := 0
	for k := range list {
		o := &list[k]
		for i < len(u.Properties) && u.Properties[i].Property < o.Property {
			i++
		}
		if i == len(u.Properties) || u.Properties[i].Property != o.Property {
			u.Properties = slices.Insert(u.Properties, i, *o)
			continue
		}
		p := &u.Properties[i]
		newer := o.time > p.time
		if newer {
			p.time = o.time
		}
		for w := range p.Windows {
			p.Windows[w].merge(&o.Windows[w], newer)
		}
	}
}

// merge adds o; newer says that o's Last is.
func (a *Aggregate) merge(o *Aggregate, newer bool) {
	if o.Count > 0 && (a.Count == 0 || o.Max > a.Max) {
		a.Max = o.Max
	}
	a.Count += o.Count
	a.Sum += o.Sum
	if newer {
		a.Last = o.Last
	}
}

// addValue makes the mean over all rows of the name.
func (u *rollUp) addValue(v NamedValue) {
	i, ok := slices.BinarySearchFunc(u.Indicators, v.Name, func(a NamedValue, name string) int {
		return strings.Compare(a.Name, name)
	})
	if !ok {
		u.Indicators = slices.Insert(u.Indicators, i, v)
		return
	}
	a := &u.Indicators[i]
	a.Value = (a.Value*float64(a.rows) + v.Value*float64(v.rows)) / float64(a.rows+v.rows)
	a.rows += v.rows
}

func (u *rollUp) done(c geo.Cell, centre geo.WorldPoint, region geo.Code, f Formula) *rolled {
	r := u.rolled
	r.Cell, r.centre, r.Region = c, centre, region
	r.Index = math.NaN()
	if u.cells > 0 {
		r.Index = f.index(&r.CellState)
	}
	return &r
}

func commonPrefix(a, b geo.Code) geo.Code {
	if a == b {
		return a
	}
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return a[:i]
		}
	}
	return a[:n]
}
