package cim

import (
	"cmp"
	"slices"

	"onecity/geo"
)

// rolled is a CellState as a reader whose scope holds all of its cells sees
// it, made at the first question and kept in the node of the grid it is of.
// A node that changed is a new node and has none yet, so nothing is ever
// thrown away that is still true, and the readers of a snapshot share.
type rolled struct {
	CellState
	centre geo.WorldPoint
	// common is the longest code that the codes of all cells in it start with,
	// first the code of the first of them.
	common, first geo.Code
	// top is the highest grade of what is in it, cover what the codes of the
	// cells and of all graded things in it start with.
	top   Grade
	cover geo.Code
}

// rolledMid is what a middle area keeps: itself, and its cells of resolution 8.
type rolledMid struct {
	seven rolled
	eight []rolled // sorted, none empty
}

// rolledTop is what a top area keeps: itself, and its cells of resolution 6.
type rolledTop struct {
	five rolled
	six  []rolled
}

// roll is the state of a base cell; nil when it is empty.
func (s *state) roll(n *cellNode) *rolled {
	if n.empty() {
		return nil
	}
	if r := n.rolled.Load(); r != nil {
		return r
	}
	var u rollUp
	u.addNode(n, everyGrade)
	r := u.done(n.cell, n.centre, n.region, s.formula)
	n.rolled.Store(r)
	return r
}

// rollMid is the state of a middle area; nil when it is empty.
func (s *state) rollMid(a *areaNode) *rolledMid {
	if r := a.mid.Load(); r != nil {
		return r.orNil()
	}
	r := new(rolledMid)
	if a.was != nil {
		r.eight = make([]rolled, 0, len(a.was.eight)+1)
	}
	var seven rollUp
	s.eachIn(a.cell, midResolution, 8, func(c geo.Cell, e cellEntry) {
		if x := s.rollEight(a, c, e); x != nil {
			r.eight = append(r.eight, *x)
			seven.add(x)
		}
	})
	e, _ := s.grid.dirs[midResolution].Get(a.cell)
	r.seven = *seven.done(a.cell, e.centre, e.region, s.formula)
	a.mid.Store(r)
	return r.orNil()
}

// rollEight is the state of a cell of resolution 8 in a: as it was, if nothing
// in it has changed.
func (s *state) rollEight(a *areaNode, c geo.Cell, e cellEntry) *rolled {
	if a.was != nil && a.stale&bitOf(c) == 0 {
		return find(a.was.eight, c)
	}
	var u rollUp
	s.eachBase(c, 8, func(n *cellNode) {
		if b := s.roll(n); b != nil {
			u.add(b)
		}
	})
	if u.cells == 0 {
		return nil
	}
	return u.done(c, e.centre, e.region, s.formula)
}

func (r *rolledMid) orNil() *rolledMid {
	if len(r.eight) == 0 {
		return nil
	}
	return r
}

// rollTop is the state of a top area; nil when it is empty.
func (s *state) rollTop(a *areaNode) *rolledTop {
	if r := a.top.Load(); r != nil {
		return r.orNil()
	}
	r := new(rolledTop)
	var five rollUp
	s.eachIn(a.cell, topResolution, 6, func(c geo.Cell, e cellEntry) {
		var six rollUp
		s.eachIn(c, 6, midResolution, func(_ geo.Cell, e cellEntry) {
			if m := s.rollMid(s.grid.mids.at(e.slot)); m != nil {
				six.add(&m.seven)
			}
		})
		if six.cells > 0 {
			x := six.done(c, e.centre, e.region, s.formula)
			r.six = append(r.six, *x)
			five.add(x)
		}
	})
	e, _ := s.grid.dirs[topResolution].Get(a.cell)
	r.five = *five.done(a.cell, e.centre, e.region, s.formula)
	a.top.Store(r)
	return r.orNil()
}

func (r *rolledTop) orNil() *rolledTop {
	if len(r.six) == 0 {
		return nil
	}
	return r
}

// eachIn visits the cells of resolution res in c, a cell of resolution of, by
// index: so that sums come out the same in every process.
func (s *state) eachIn(c geo.Cell, of, res int, fn func(geo.Cell, cellEntry)) {
	lo, hi := indexRange(c, of, res)
	s.grid.dirs[res].Ascend(lo, func(b geo.Cell, e cellEntry) bool {
		if b > hi {
			return false
		}
		fn(b, e)
		return true
	})
}

func (s *state) eachBase(c geo.Cell, of int, fn func(*cellNode)) {
	s.eachIn(c, of, geo.BaseResolution, func(_ geo.Cell, e cellEntry) { fn(s.grid.base.at(e.slot)) })
}

// indexRange is the range of indexes of the cells of resolution res in c, a
// cell of the coarser resolution of: an H3 index has three bits a resolution,
// so they lie together.
func indexRange(c geo.Cell, of, res int) (lo, hi geo.Cell) {
	below := geo.Cell(1)<<(3*(15-of)) - 1   // digits finer than c's
	unused := geo.Cell(1)<<(3*(15-res)) - 1 // finer than res
	base := c&^(0xf<<52)&^below | geo.Cell(res)<<52
	return base | unused, base | below
}

// find looks c up in a sorted list.
func find(list []rolled, c geo.Cell) *rolled {
	if i := place(list, c); i >= 0 {
		return &list[i]
	}
	return nil
}

// place is where c is in a sorted list, −1 when it is not.
func place(list []rolled, c geo.Cell) int {
	i, ok := slices.BinarySearchFunc(list, c, func(r rolled, c geo.Cell) int { return cmp.Compare(r.Cell, c) })
	if !ok {
		return -1
	}
	return i
}

// rollWhole is the state of any cell, all cells in it counted; nil when empty.
func (s *state) rollWhole(c geo.Cell, res int) *rolled {
	at := min(max(res, topResolution), geo.BaseResolution)
	if at == 6 || at == 8 {
		at-- // kept by the area around it
	}
	e, ok := s.grid.dirs[at].Get(c.Parent(at))
	if res < topResolution {
		return s.rollWide(c, res)
	}
	if !ok {
		return nil
	}
	switch res {
	case geo.BaseResolution:
		return s.roll(s.grid.base.at(e.slot))
	case 8, midResolution:
		m := s.rollMid(s.grid.mids.at(e.slot))
		if m == nil || res == midResolution {
			return m.whole()
		}
		return find(m.eight, c)
	}
	t := s.rollTop(s.grid.tops.at(e.slot))
	if t == nil || res == topResolution {
		return t.whole()
	}
	return find(t.six, c)
}

func (r *rolledMid) whole() *rolled {
	if r == nil {
		return nil
	}
	return &r.seven
}

func (r *rolledTop) whole() *rolled {
	if r == nil {
		return nil
	}
	return &r.five
}

// rollWide is the state of a cell coarser than the top areas; not kept.
func (s *state) rollWide(c geo.Cell, res int) *rolled {
	e, ok := s.grid.dirs[res].Get(c)
	if !ok {
		return nil
	}
	var u rollUp
	s.eachIn(c, res, topResolution, func(_ geo.Cell, e cellEntry) {
		if t := s.rollTop(s.grid.tops.at(e.slot)); t != nil {
			u.add(&t.five)
		}
	})
	if u.cells == 0 {
		return nil
	}
	return u.done(c, e.centre, e.region, s.formula)
}
