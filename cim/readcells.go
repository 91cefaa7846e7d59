package cim

import (
	"onecity/geo"

	"github.com/paulmach/orb"
)

// CellState is one cell, at the base resolution or rolled up. Like all that a
// Reader hands out it is shared: read, never write.
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
	time     int64 // of Last
}

// NamedValue is a name and a number.
type NamedValue struct {
	Name  string
	Value float64
	rows  int // that Value is the mean of
}

// Cell finds one cell of any resolution ≤ geo.BaseResolution. A rolled-up cell
// sums up the base cells in it that the scope reaches. Things graded above what
// the scope sees of cells there are told of only in numbers that are enough,
// see [Privacy] and the package's documentation.
func (r Reader) Cell(c geo.Cell) (*CellState, bool) {
	res := c.Resolution()
	if res > geo.BaseResolution || !r.scope.Layers.Has(LayerCells) {
		return nil, false
	}
	s := r.give(r.s.rollWhole(c, res), res)
	return s, s != nil
}

// give is what the scope sees of x: all of it, a part, or nothing (nil).
func (r Reader) give(x *rolled, res int) *CellState {
	if x == nil {
		return nil
	}
	if x = r.told(x, res); x == nil {
		return nil
	}
	if r.seesCell(x.Region) {
		return &x.CellState
	}
	c := x.CellState
	c.Region = x.first
	return &c
}

// seesCell reports whether a base cell in region c is visible.
func (r Reader) seesCell(c geo.Code) bool { return r.scope.Sees(LayerCells, c, 0) }

// told is what the scope is told of x, nil when that is nothing.
func (r Reader) told(x *rolled, res int) *rolled {
	if x.top == 0 {
		if r.seesCell(x.common) {
			return x
		}
	} else if level, same := r.scope.Alike(x.cover); same {
		return r.s.veilOf(x, res, level).rolled
	}
	return r.part(x, res)
}

// part sums up the parts of x that the scope sees, each for itself. What is
// told of x only as a whole is left out.
func (r Reader) part(x *rolled, res int) *rolled {
	var u rollUp
	if res == geo.BaseResolution {
		level, ok := r.scope.Level(LayerCells, x.Region)
		if !ok {
			return nil
		}
		e, _ := r.s.grid.dirs[res].Get(x.Cell)
		if u.addNode(r.s.grid.base.at(e.slot), level); u.nothing() {
			return nil
		}
		return u.done(x.Cell, x.centre, x.Region, r.s.formula)
	}
	r.s.eachIn(x.Cell, res, res+1, func(c geo.Cell, _ cellEntry) {
		if y := r.s.rollWhole(c, res+1); y != nil {
			if y = r.told(y, res+1); y != nil {
				u.add(y)
			}
		}
	})
	if u.cells == 0 {
		return nil
	}
	return u.done(x.Cell, x.centre, x.Region, r.s.formula)
}

// Cells visits the non-empty cells of res whose centre is in bound, until fn
// returns false; fn may keep the *CellState.
func (r Reader) Cells(res int, bound orb.Bound, fn func(*CellState) bool) {
	w, ok := ProjectBound(bound)
	if !ok || res < 0 || res > geo.BaseResolution || !r.scope.Layers.Has(LayerCells) {
		return
	}
	show := func(x *rolled) bool {
		if x == nil || !w.Holds(x.centre) {
			return true
		}
		c := r.give(x, res)
		return c == nil || fn(c)
	}
	if res >= topResolution {
		r.cellsIn(res, w, show)
		return
	}
	r.s.grid.dirs[res].Scan(func(c geo.Cell, e cellEntry) bool {
		return !w.Holds(e.centre) || show(r.s.rollWide(c, res))
	})
}

// cellsIn walks down the grid to where w goes.
func (r Reader) cellsIn(res int, w WorldBound, show func(*rolled) bool) {
	g := &r.s.grid
	for slot := range g.tops.len() {
		t := g.tops.at(slot)
		if !w.Touches(t.bound) {
			continue
		}
		if res > 6 {
			if !r.cellsInTop(res, t, w, show) {
				return
			}
			continue
		}
		x := r.s.rollTop(t)
		if x == nil {
			continue
		}
		if res == topResolution {
			if !show(&x.five) {
				return
			}
			continue
		}
		for i := range x.six {
			if !show(&x.six[i]) {
				return
			}
		}
	}
}

func (r Reader) cellsInTop(res int, t *areaNode, w WorldBound, show func(*rolled) bool) bool {
	g := &r.s.grid
	for _, slot := range t.kids {
		m := g.mids.at(slot)
		if !w.Touches(m.bound) {
			continue
		}
		if res == geo.BaseResolution {
			for _, slot := range m.kids {
				if n := g.base.at(slot); w.Holds(n.centre) && r.seesCell(n.region) && !show(r.s.roll(n)) {
					return false
				}
			}
			continue
		}
		x := r.s.rollMid(m)
		if x == nil {
			continue
		}
		if res == midResolution {
			if !show(&x.seven) {
				return false
			}
			continue
		}
		for i := range x.eight {
			if !show(&x.eight[i]) {
				return false
			}
		}
	}
	return true
}
