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

// everyGrade is the highest grade there is: nothing is graded above it.
const everyGrade Grade = 255

// addNode makes the sum that of a base cell alone, of what is graded up to g.
func (u *rollUp) addNode(n *cellNode, g Grade) {
	u.cells = 1
	u.common, u.first, u.cover = n.region, n.region, n.region
	u.Seq = n.seq
	u.addCounts(&n.cellCounts)
	for i := range n.graded {
		if c := &n.graded[i]; c.grade <= g && !c.empty() {
			u.addCounts(&c.cellCounts)
			u.top = max(u.top, c.grade)
			u.cover = commonPrefix(u.cover, c.region)
		}
	}
	if len(n.series) > 0 {
		u.Properties = make([]PropertyState, 0, len(n.series))
	}
	for i := range n.series {
		if s := &n.series[i]; s.grade <= g {
			u.addSeries(s)
		}
	}
	for i := range n.rows {
		u.addValue(NamedValue{n.rows[i].name, n.rows[i].value, 1})
	}
}

func (u *rollUp) addCounts(c *cellCounts) {
	u.Late += int(c.late)
	u.Units += int(c.units)
	u.Devices += int(c.devices)
	u.Alarms += int(c.alarms)
	if len(c.open) > 0 && u.Open == nil {
		u.Open = make(map[string]int, len(c.open))
	}
	for _, k := range c.open {
		u.Open[k.class] += int(k.n)
	}
}

// addSeries adds the next series of a base cell.
func (u *rollUp) addSeries(s *series) {
	u.top = max(u.top, s.grade)
	p := s.state()
	if k := len(u.Properties); k > 0 && u.Properties[k-1].Property == p.Property {
		u.Properties[k-1].merge(&p)
		return
	}
	u.Properties = append(u.Properties, p)
}

func (s *series) state() (p PropertyState) {
	p.Property, p.time = s.property, s.time
	for w := range p.Windows {
		p.Windows[w] = s.aggregate(Window(w))
	}
	return p
}

// add adds a cell, or a sum of cells.
func (u *rollUp) add(o *rolled) {
	if u.cells == 0 {
		u.common, u.first, u.cover = o.common, o.first, o.cover
	} else {
		u.common = commonPrefix(u.common, o.common)
		u.cover = commonPrefix(u.cover, o.cover)
	}
	u.top = max(u.top, o.top)
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
		u.Properties[i].merge(o)
	}
}

// merge adds o, the same property elsewhere.
func (p *PropertyState) merge(o *PropertyState) {
	newer := o.time > p.time
	if newer {
		p.time = o.time
	}
	for w := range p.Windows {
		p.Windows[w].merge(&o.Windows[w], newer)
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
