package cim

import (
	"sync/atomic"

	"onecity/geo"

	"github.com/tidwall/btree"
)

// grid is every cell where anything ever was, in three steps of H3: top (5),
// middle (7) and base resolution (9). Each node knows the rectangle of all that
// was marked in it, so a question about a rectangle walks down only where the
// rectangle goes.
type grid struct {
	base table[*cellNode]
	mids table[*areaNode]
	tops table[*areaNode]
	// dirs find cells by index, at every resolution up to the base.
	dirs [geo.BaseResolution + 1]*btree.Map[geo.Cell, cellEntry]
}

const (
	midResolution = 7
	topResolution = 5
)

// cellEntry is a cell in the directory of its resolution.
type cellEntry struct {
	slot   uint32 // in grid.base, mids or tops, by the resolution
	centre geo.WorldPoint
	region geo.Code // of the centre
}

// areaNode is a cell of the middle or the top resolution.
type areaNode struct {
	areaData
	mid   atomic.Pointer[rolledMid]
	top   atomic.Pointer[rolledTop]
	veils byGrade[areaVeil]
}

func (n *areaNode) copy() *areaNode {
	c := &areaNode{areaData: n.areaData}
	if r := n.mid.Load(); r != nil {
		c.was, c.stale = r, 0
	}
	return c
}

type areaData struct {
	epoch uint64
	cell  geo.Cell
	up    uint32 // slot of the top node
	kids  []uint32
	bound WorldBound
	// own holds the newest change to things too large for a base cell that
	// were marked here, sub the newest of those and all below.
	own, sub [LayerCount]uint64
	// was is the newest state that was asked for, of a middle area; stale has
	// a bit for each cell of resolution 8 that changed since.
	was   *rolledMid
	stale uint8
}

// bitOf is the bit of the cell of resolution 8 that c lies in, among the seven
// of a middle area.
func bitOf(c geo.Cell) uint8 { return 1 << (c >> (3 * (15 - 8)) & 7) }

// cellNode is a cell of the base resolution.
type cellNode struct {
	cellData
	rolled atomic.Pointer[rolled]
	veils  byGrade[veil]
}

type cellData struct {
	epoch  uint64
	cell   geo.Cell
	centre geo.WorldPoint
	region geo.Code
	up     uint32 // slot of the middle node
	seq    uint64
	bound  WorldBound
	fresh  [LayerCount]uint64

	cellCounts                // of what is graded 0
	graded     []gradedCounts // of what is not, sorted by grade and region
	series     []series       // sorted by property and grade
	rows       []indicatorRow
}

// Nodes with a few series keep them in the same block of memory.
type (
	cellBlock2 struct {
		cellNode
		few [2]series
	}
	cellBlock4 struct {
		cellNode
		few [4]series
	}
	cellBlock8 struct {
		cellNode
		few [8]series
	}
)

func (n *cellNode) copy() *cellNode {
	var c *cellNode
	switch k := len(n.series); {
	case k == 0:
		c = &cellNode{cellData: n.cellData}
		c.series = nil
	case k <= 2:
		b := &cellBlock2{cellNode: cellNode{cellData: n.cellData}}
		c, b.series = &b.cellNode, b.few[:k]
	case k <= 4:
		b := &cellBlock4{cellNode: cellNode{cellData: n.cellData}}
		c, b.series = &b.cellNode, b.few[:k]
	case k <= 8:
		b := &cellBlock8{cellNode: cellNode{cellData: n.cellData}}
		c, b.series = &b.cellNode, b.few[:k]
	default:
		c = &cellNode{cellData: n.cellData}
		c.series = make([]series, k)
	}
	copy(c.series, n.series)
	if len(n.graded) > 0 {
		c.graded = n.copyGraded()
	}
	return c
}

// classCount counts incidents of one class; slices are sorted by class.
type classCount struct {
	class string
	n     int32
}

// empty reports whether there is nothing but standing objects in the cell.
func (n *cellNode) empty() bool {
	if !n.cellCounts.empty() || len(n.series) > 0 || len(n.rows) > 0 {
		return false
	}
	for i := range n.graded {
		if !n.graded[i].empty() {
			return false
		}
	}
	return true
}

// phase is how many milliseconds early the cell's windows step.
func (n *cellNode) phase() int64 { return int64(phaseOf(n.cell)) * 1000 }

// phaseOf spreads neighbours over the phases (multiplicative hashing).
func phaseOf(c geo.Cell) int {
	return int((uint64(c) * 0x9E3779B97F4A7C15 >> 32) * phases >> 32)
}

// addClass changes a sorted count by class, in a new slice: snapshots share the old.
func addClass(cs []classCount, class string, by int32) []classCount {
	out := make([]classCount, 0, len(cs)+1)
	done := false
	for _, c := range cs {
		if !done && class <= c.class {
			done = true
			if class < c.class {
				out = append(out, classCount{class, by})
			} else {
				c.n += by
			}
		}
		if c.n != 0 {
			out = append(out, c)
		}
	}
	if !done {
		out = append(out, classCount{class, by})
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
