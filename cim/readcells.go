package cim

import (
	"slices"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// CellState is one cell, at the base resolution or rolled up.
type CellState struct {
	Cell geo.Cell
	// Region of the cell's centre; of a rolled-up cell whose centre the scope
	// does not reach, that of a base cell in it.
	Region geo.Code
	Seq    uint64
	// Open counts open incidents by class, Late those past due.
	Open map[string]int
	Late int
	// Units present, Devices standing, Alarms now (datastreams in alarm).
	Units, Devices, Alarms int
	// Properties that were observed in the last 24 h, sorted.
	Properties []PropertyState
	// Indicators of departments' feeds, sorted by name: means over the rows.
	Indicators []NamedValue
	// Index is the composite index 0–100; NaN without any term.
	Index float64
}

// PropertyState is one property of a cell over the four windows.
type PropertyState struct {
	Property Property
	Windows  [WindowCount]Aggregate
}

// NamedValue is a name and a number.
type NamedValue struct {
	Name  string
	Value float64
}

// Cell finds one cell of any resolution ≤ geo.BaseResolution. A rolled-up cell
// sums up the base cells in it that the scope reaches.
func (r Reader) Cell(c geo.Cell) (*CellState, bool) {
	res := c.Resolution()
	if res > geo.BaseResolution || !r.scope.Layers.Has(LayerCells) {
		return nil, false
	}
	e, ok := r.s.grid.dirs[res].Get(c)
	if !ok {
		return nil, false
	}
	return r.rollUp(c, res, e)
}

// Cells visits the non-empty cells of res whose centre is in bound. The
// *CellState is made for the call; fn may keep it.
func (r Reader) Cells(res int, bound orb.Bound, fn func(*CellState) bool) {
	w, ok := ProjectBound(bound)
	if !ok || res < 0 || res > geo.BaseResolution || !r.scope.Layers.Has(LayerCells) {
		return
	}
	if res == geo.BaseResolution {
		r.baseCells(w, fn)
		return
	}
	r.s.grid.dirs[res].Scan(func(c geo.Cell, e cellEntry) bool {
		if !w.Holds(e.centre) {
			return true
		}
		s, ok := r.rollUp(c, res, e)
		return !ok || fn(s)
	})
}

// baseCells walks down the grid to where w goes.
func (r Reader) baseCells(w WorldBound, fn func(*CellState) bool) {
	g := &r.s.grid
	for top := range g.tops.len() {
		t := g.tops.at(top)
		if !w.Touches(t.bound) {
			continue
		}
		for _, mid := range t.kids {
			m := g.mids.at(mid)
			if !w.Touches(m.bound) {
				continue
			}
			for _, slot := range m.kids {
				n := g.base.at(slot)
				if !w.Holds(n.centre) || n.empty() || !r.scope.Region.Contains(n.region) {
					continue
				}
				var u rollUp
				u.add(n)
				if !fn(u.state(n.cell, n.region, r.s.formula)) {
					return
				}
			}
		}
	}
}

// rollUp sums up the visible base cells in c.
func (r Reader) rollUp(c geo.Cell, res int, e cellEntry) (*CellState, bool) {
	lo, hi := baseRange(c, res)
	var u rollUp
	region := e.region
	seen := r.scope.Region.Contains(region)
	r.s.grid.dirs[geo.BaseResolution].Ascend(lo, func(b geo.Cell, e cellEntry) bool {
		if b > hi {
			return false
		}
		if n := r.s.grid.base.at(e.slot); !n.empty() && r.scope.Region.Contains(n.region) {
			if !seen {
				region, seen = n.region, true
			}
			u.add(n)
		}
		return true
	})
	if u.cells == 0 {
		return nil, false
	}
	return u.state(c, region, r.s.formula), true
}

// baseRange is the range of indexes of the base cells in c, a cell of res: an
// H3 index has three bits a resolution, so they lie together.
func baseRange(c geo.Cell, res int) (lo, hi geo.Cell) {
	below := geo.Cell(1)<<(3*(15-res)) - 1                 // digits finer than res
	unused := geo.Cell(1)<<(3*(15-geo.BaseResolution)) - 1 // finer than the base
	base := c&^(0xf<<52)&^below | geo.BaseResolution<<52
	return base | unused, base | below
}

// rollUp is a sum of cells in the making.
type rollUp struct {
	cells  int
	s      CellState
	times  []int64 // of the Last in s.Properties
	counts []int   // of rows in s.Indicators
}

func (u *rollUp) add(n *cellNode) {
	u.cells++
	u.s.Seq = max(u.s.Seq, n.seq)
	u.s.Late += int(n.late)
	u.s.Units += int(n.units)
	u.s.Devices += int(n.devices)
	u.s.Alarms += int(n.alarms)
	for _, c := range n.open {
		if u.s.Open == nil {
			u.s.Open = make(map[string]int, len(n.open))
		}
		u.s.Open[c.class] += int(c.n)
	}
	u.addSeries(n.series)
	for i := range n.rows {
		u.addRow(n.rows[i].name, n.rows[i].value)
	}
}

func (u *rollUp) addSeries(list []series) {
	if u.s.Properties == nil && len(list) > 0 {
		u.s.Properties = make([]PropertyState, 0, len(list))
		u.times = make([]int64, 0, len(list))
	}
	i := 0
	for k := range list {
		s := &list[k]
		for i < len(u.s.Properties) && u.s.Properties[i].Property < s.property {
			i++
		}
		if i == len(u.s.Properties) || u.s.Properties[i].Property != s.property {
			u.s.Properties = slices.Insert(u.s.Properties, i, PropertyState{Property: s.property})
			u.times = slices.Insert(u.times, i, minMillis)
		}
		p := &u.s.Properties[i]
		newer := s.time > u.times[i]
		if newer {
			u.times[i] = s.time
		}
		for w := range p.Windows {
			p.Windows[w].merge(s.aggregate(Window(w)), newer)
		}
	}
}

// merge adds o; newer says that o's Last is.
func (a *Aggregate) merge(o Aggregate, newer bool) {
	if o.Count > 0 && (a.Count == 0 || o.Max > a.Max) {
		a.Max = o.Max
	}
	a.Count += o.Count
	a.Sum += o.Sum
	if newer {
		a.Last = o.Last
	}
}

func (u *rollUp) addRow(name string, v float64) {
	i, ok := slices.BinarySearchFunc(u.s.Indicators, name, func(a NamedValue, name string) int {
		switch {
		case a.Name < name:
			return -1
		case a.Name > name:
			return 1
		}
		return 0
	})
	if !ok {
		u.s.Indicators = slices.Insert(u.s.Indicators, i, NamedValue{Name: name})
		u.counts = slices.Insert(u.counts, i, 0)
	}
	u.s.Indicators[i].Value += v
	u.counts[i]++
}

func (u *rollUp) state(c geo.Cell, region geo.Code, f Formula) *CellState {
	s := u.s
	s.Cell, s.Region = c, region
	for i := range s.Indicators {
		s.Indicators[i].Value /= float64(u.counts[i])
	}
	s.Index = f.index(&s)
	return &s
}
