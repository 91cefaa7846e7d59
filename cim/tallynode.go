package cim

import (
	"slices"

	"onecity/geo"
)

// tallyNode counts what a region holds, with all regions inside it.
type tallyNode struct {
	epoch  uint64
	code   geo.Code
	up     uint32 // slot of the parent's; the root's is its own
	grades []counts
}

// counts are kept per data grade, so that a reader is told only of what the
// reader may see.
type counts struct {
	grade                              Grade
	objects                            [LayerCount]int32
	devices, live, alarms, units, late int32
	byClass                            []classCount
	byStatus                           [statusCount]int32
	total, duplicates                  uint64
	rate                               rate
}

// tallyBlock keeps the counts of one grade, the common case, with the node.
type tallyBlock struct {
	tallyNode
	one [1]counts
}

func (n *tallyNode) copy() *tallyNode {
	if len(n.grades) > 1 {
		c := *n
		c.grades = slices.Clone(n.grades)
		return &c
	}
	b := &tallyBlock{tallyNode: *n}
	b.grades = b.one[:copy(b.one[:], n.grades)]
	return &b.tallyNode
}

// of is the counts of a grade, made at the first use.
func (n *tallyNode) of(g Grade) *counts {
	for i := range n.grades {
		if n.grades[i].grade == g {
			return &n.grades[i]
		}
	}
	i := 0
	for i < len(n.grades) && n.grades[i].grade < g {
		i++
	}
	n.grades = append(n.grades, counts{})
	copy(n.grades[i+1:], n.grades[i:])
	n.grades[i] = counts{grade: g}
	return &n.grades[i]
}

// rate counts in steps of 5 s over the last minute.
type rate struct {
	step int64 // the newest slot's number
	n    [rateSlots]uint32
}

const (
	rateSlots  = 13 // 12 closed, one filling
	rateMillis = 5000
)

func (r *rate) add(now int64, n uint32) {
	k := floorDiv(now, rateMillis)
	if k-r.step >= rateSlots {
		r.n = [rateSlots]uint32{}
	} else {
		for s := r.step + 1; s <= k; s++ {
			r.n[floorMod(s, rateSlots)] = 0
		}
	}
	r.step = k
	r.n[floorMod(k, rateSlots)] += n
}

// perSecond is the mean of the last 12 closed slots before now.
func (r *rate) perSecond(now int64) float64 {
	k := floorDiv(now, rateMillis)
	var n uint64
	for s := max(k-rateSlots+1, r.step-rateSlots+1); s < k && s <= r.step; s++ {
		n += uint64(r.n[floorMod(s, rateSlots)])
	}
	return float64(n) / 60
}
