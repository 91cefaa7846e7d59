package flow

import (
	"cmp"
	"slices"
)

// layout is where a diagram's states stand, in columns from left to right: a
// state stands right of all that lead to it, except those that lead back.
type layout struct {
	columns [][]State
	column  map[State]int
	back    map[[2]State]bool
}

func (m *Machine) layout(edges []edge) layout {
	l := layout{column: map[State]int{}, back: map[[2]State]bool{}}
	out := map[State][]State{}
	for _, e := range edges {
		out[e.from] = append(out[e.from], e.to)
	}
	// an edge to a state that the walk is still in leads back
	const walking, walked = 1, 2
	mark := map[State]int{}
	var order []State // the later ones come before those that they lead to
	var walk func(s State)
	walk = func(s State) {
		mark[s] = walking
		for _, to := range out[s] {
			switch mark[to] {
			case walking:
				l.back[[2]State{s, to}] = true
			case 0:
				walk(to)
			}
		}
		mark[s] = walked
		order = append(order, s)
	}
	walk(m.Initial)
	slices.Reverse(order)
	for _, s := range order {
		for _, to := range out[s] {
			if !l.back[[2]State{s, to}] {
				l.column[to] = max(l.column[to], l.column[s]+1)
			}
		}
	}
	last := 0
	for _, s := range order {
		last = max(last, l.column[s])
	}
	l.columns = make([][]State, last+1)
	for _, d := range m.States {
		if mark[d.Name] == walked {
			c := l.column[d.Name]
			l.columns[c] = append(l.columns[c], d.Name)
		}
	}
	l.straighten(edges)
	return l
}

// straighten orders each column by where its states' predecessors stand, so
// that fewer edges cross.
func (l *layout) straighten(edges []edge) {
	row := map[State]float64{}
	for _, column := range l.columns {
		middle := map[State]float64{}
		for i, s := range column {
			sum, n := 0.0, 0.0
			for _, e := range edges {
				if e.to == s && l.column[e.from] < l.column[s] {
					sum, n = sum+row[e.from], n+1
				}
			}
			middle[s] = float64(i)
			if n > 0 {
				middle[s] = sum / n
			}
		}
		slices.SortStableFunc(column, func(a, b State) int { return cmp.Compare(middle[a], middle[b]) })
		for i, s := range column {
			row[s] = float64(i) - float64(len(column)-1)/2
		}
	}
}
