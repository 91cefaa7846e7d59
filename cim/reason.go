package cim

import (
	"cmp"
	"slices"
)

// Reason is what one term of the formula adds to a cell's composite index.
type Reason struct {
	Term   Term
	Value  float64 // the measure, in its own unit
	Points float64 // of the index's 0–100
}

// Reasons takes the composite index of c apart, the largest part first; terms
// that add nothing are left out. Their points add up to the index.
func (f Formula) Reasons(c *CellState) []Reason {
	var list []Reason
	var weights float64
	for _, t := range f.Terms {
		x, ok := t.measure(c)
		if !ok {
			continue
		}
		weights += t.Weight
		if score := max(0, min(1, (x-t.Low)/(t.High-t.Low))); score*t.Weight > 0 {
			list = append(list, Reason{Term: t, Value: x, Points: 100 * t.Weight * score})
		}
	}
	for i := range list {
		list[i].Points /= weights
	}
	slices.SortStableFunc(list, func(a, b Reason) int { return cmp.Compare(b.Points, a.Points) })
	return list
}
