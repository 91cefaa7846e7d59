package cim

import (
	"slices"
	"sync/atomic"

	"onecity/geo"
)

// veil is a cell as a reader sees it who may see in detail what is graded up
// to some grade, everywhere in the cell. What is graded higher is told in
// groups of things of one grade: those that are enough by themselves in a base
// cell; of those that are left, the ones that are enough together in the cell
// around; and so on up. So every thing is in one group at most, every group is
// of one grade and has at least Privacy.Least things, and whatever a reader
// asks (resolutions, regions, rectangles) and adds and subtracts, the answers
// are sums of whole groups and of what the reader may see in detail.
type veil struct {
	*rolled // what is told; nil when that is nothing
	rest    []rest
}

// areaVeil is what a middle or top area keeps for readers of one grade: itself,
// and its cells of one resolution finer, in the order of rolledMid and rolledTop.
type areaVeil struct {
	whole veil
	parts []veil
}

// byGrade keeps a value for each grade of readers that was asked for. Two who
// ask at once may both work it out, and find the same.
type byGrade[T any] struct{ head atomic.Pointer[gradeValue[T]] }

type gradeValue[T any] struct {
	grade Grade
	value T
	next  *gradeValue[T]
}

func (b *byGrade[T]) of(g Grade, make func() T) T {
	head := b.head.Load()
	for v := head; v != nil; v = v.next {
		if v.grade == g {
			return v.value
		}
	}
	v := &gradeValue[T]{g, make(), head}
	b.head.Store(v)
	return v.value
}

// veilBase is what a base cell tells; x is all that is in it.
func (s *state) veilBase(n *cellNode, x *rolled, g Grade) veil {
	if x.top <= g {
		return veil{rolled: x}
	}
	return n.veils.of(g, func() veil {
		var u rollUp
		u.addNode(n, g)
		return s.tell(x, &u, restsOf(n, g))
	})
}

// veilSum is what a coarser cell tells; x is all that is in it, and each visits
// the parts of it.
func (s *state) veilSum(x *rolled, g Grade, each func(add func(veil))) veil {
	if x.top <= g {
		return veil{rolled: x}
	}
	var u rollUp
	var rests []rest
	each(func(v veil) {
		if v.rolled != nil {
			u.add(v.rolled)
		}
		rests = pool(rests, v.rest)
	})
	return s.tell(x, &u, rests)
}

// tell adds to u what is enough of the rests.
func (s *state) tell(x *rolled, u *rollUp, rests []rest) veil {
	for i := range rests {
		if rests[i].tell(u, s.privacy) {
			u.Seq = max(u.Seq, x.Seq)
		}
	}
	rests = slices.DeleteFunc(rests, func(r rest) bool { return r.none() })
	if u.nothing() {
		return veil{rest: rests}
	}
	u.cells = max(u.cells, 1)
	r := u.done(x.Cell, x.centre, x.Region, s.formula)
	r.common, r.first, r.cover, r.top = x.common, x.first, x.cover, x.top
	return veil{r, rests}
}

func (u *rollUp) nothing() bool {
	return u.Units == 0 && u.Devices == 0 && u.Alarms == 0 && u.Late == 0 &&
		len(u.Open) == 0 && len(u.Properties) == 0 && len(u.Indicators) == 0
}

// veilMid is what a middle area tells, m what is in it.
func (s *state) veilMid(a *areaNode, m *rolledMid, g Grade) areaVeil {
	return a.veils.of(g, func() (v areaVeil) {
		for i := range m.eight {
			x := &m.eight[i]
			v.parts = append(v.parts, s.veilSum(x, g, func(add func(veil)) {
				s.eachBase(x.Cell, 8, func(n *cellNode) {
					if b := s.roll(n); b != nil {
						add(s.veilBase(n, b, g))
					}
				})
			}))
		}
		v.whole = s.veilSum(&m.seven, g, v.each)
		return v
	})
}

func (v *areaVeil) each(add func(veil)) {
	for i := range v.parts {
		add(v.parts[i])
	}
}

// veilTop is what a top area tells, t what is in it.
func (s *state) veilTop(a *areaNode, t *rolledTop, g Grade) areaVeil {
	return a.veils.of(g, func() (v areaVeil) {
		for i := range t.six {
			x := &t.six[i]
			v.parts = append(v.parts, s.veilSum(x, g, func(add func(veil)) {
				s.eachIn(x.Cell, 6, midResolution, func(_ geo.Cell, e cellEntry) {
					a := s.grid.mids.at(e.slot)
					if m := s.rollMid(a); m != nil {
						add(s.veilMid(a, m, g).whole)
					}
				})
			}))
		}
		v.whole = s.veilSum(&t.five, g, v.each)
		return v
	})
}

// veilOf is what the cell x of any resolution tells.
func (s *state) veilOf(x *rolled, res int, g Grade) veil {
	if x.top <= g {
		return veil{rolled: x}
	}
	if res < topResolution {
		return s.veilSum(x, g, func(add func(veil)) {
			s.eachIn(x.Cell, res, res+1, func(c geo.Cell, _ cellEntry) {
				if y := s.rollWhole(c, res+1); y != nil {
					add(s.veilOf(y, res+1, g))
				}
			})
		})
	}
	if res == geo.BaseResolution {
		e, _ := s.grid.dirs[res].Get(x.Cell)
		return s.veilBase(s.grid.base.at(e.slot), x, g)
	}
	if res >= midResolution {
		e, _ := s.grid.dirs[midResolution].Get(x.Cell.Parent(midResolution))
		a := s.grid.mids.at(e.slot)
		m := s.rollMid(a)
		v := s.veilMid(a, m, g)
		if res == midResolution {
			return v.whole
		}
		return v.parts[place(m.eight, x.Cell)]
	}
	e, _ := s.grid.dirs[topResolution].Get(x.Cell.Parent(topResolution))
	a := s.grid.tops.at(e.slot)
	t := s.rollTop(a)
	v := s.veilTop(a, t, g)
	if res == topResolution {
		return v.whole
	}
	return v.parts[place(t.six, x.Cell)]
}
