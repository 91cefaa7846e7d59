package cim

import (
	"onecity/geo"

	"github.com/tidwall/btree"
)

// levels is how many steps of importance things are sorted into, 0 the most
// important; each step holds about four times as many points as the one above.
const levels = 10

// pointIndex finds points in a rectangle, level by level. A point's key is its
// level, then its row and column on a grid of 2¹⁶ × 2¹⁶ over the world (as
// tiles of zoom 16, 520 m at 31° N), then its slot; so a rectangle is one
// range of keys for each row. Beside a changed key, a snapshot costs the copy
// of one or two B-tree nodes, a tenth of what an R-tree pays for a moved point.
type pointIndex[V any] struct {
	tree     *btree.Map[uint64, V]
	perLevel [levels]int
}

const (
	slotBits = 28
	gridBits = 16
	slotMask = 1<<slotBits - 1
	gridMask = 1<<gridBits - 1
)

func newPointIndex[V any]() pointIndex[V] {
	return pointIndex[V]{tree: btree.NewMap[uint64, V](32)}
}

func (x *pointIndex[V]) snapshot() pointIndex[V] {
	return pointIndex[V]{tree: x.tree.Copy(), perLevel: x.perLevel}
}

func pointKey(level int, row, col uint32, slot uint32) uint64 {
	return uint64(level)<<(2*gridBits+slotBits) | uint64(row)<<(gridBits+slotBits) |
		uint64(col)<<slotBits | uint64(slot&slotMask)
}

func keyAt(level int, p geo.WorldPoint, slot uint32) uint64 {
	return pointKey(level, p.Y>>gridBits, p.X>>gridBits, slot)
}

// keyCorner is the corner of the grid square in a key.
func keyCorner(key uint64) geo.WorldPoint {
	return geo.WorldPoint{
		X: uint32(key>>slotBits) << gridBits,
		Y: uint32(key>>(gridBits+slotBits)) << gridBits,
	}
}

// keySlot is the slot in a key.
func keySlot(key uint64) uint32 { return uint32(key & slotMask) }

func (x *pointIndex[V]) put(level int, p geo.WorldPoint, slot uint32, v V) {
	if _, was := x.tree.Set(keyAt(level, p, slot), v); !was {
		x.perLevel[level]++
	}
}

func (x *pointIndex[V]) remove(level int, p geo.WorldPoint, slot uint32) {
	if _, was := x.tree.Delete(keyAt(level, p, slot)); was {
		x.perLevel[level]--
	}
}

// search visits the points of a level in the grid squares that w touches: a
// little more than w. It reports whether fn never said stop.
func (x *pointIndex[V]) search(level int, w WorldBound, fn func(key uint64, v V) bool) bool {
	if x.perLevel[level] == 0 {
		return true
	}
	r0, r1 := w.Min.Y>>gridBits, w.Max.Y>>gridBits
	c0, c1 := w.Min.X>>gridBits, w.Max.X>>gridBits
	goOn := true
	if rows := int(r1-r0) + 1; x.perLevel[level] < 8*rows {
		// Fewer points than rows are worth: look at all between the rows.
		last := pointKey(level, r1, c1, slotMask)
		x.tree.Ascend(pointKey(level, r0, c0, 0), func(key uint64, v V) bool {
			if key > last {
				return false
			}
			if c := uint32(key>>slotBits) & gridMask; c >= c0 && c <= c1 {
				goOn = fn(key, v)
			}
			return goOn
		})
		return goOn
	}
	var last uint64
	each := func(key uint64, v V) bool {
		if key > last {
			return false
		}
		goOn = fn(key, v)
		return goOn
	}
	for r := r0; goOn; r++ {
		last = pointKey(level, r, c1, slotMask)
		x.tree.Ascend(pointKey(level, r, c0, 0), each)
		if r == r1 {
			break
		}
	}
	return goOn
}
