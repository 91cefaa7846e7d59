package mosaic

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Merge puts the cells of the seeds together into groups: group tells the
// number, 0 … n-1, of a seed's group, or a negative one to leave it out. Outer
// rings run counter-clockwise, holes clockwise; the largest polygon comes
// first. A group without any cell is nil.
func (m *Mosaic) Merge(n int, group func(seed int) int) []orb.MultiPolygon {
	edges := make([]map[[2]int32]bool, n)
	for _, f := range m.faces {
		k := group(f.seed)
		if k < 0 {
			continue
		}
		if edges[k] == nil {
			edges[k] = make(map[[2]int32]bool)
		}
		for i, a := range f.ring {
			b := f.ring[(i+1)%len(f.ring)]
			// An edge and its reverse are a border inside the group.
			if edges[k][[2]int32{b, a}] {
				delete(edges[k], [2]int32{b, a})
			} else {
				edges[k][[2]int32{a, b}] = true
			}
		}
	}
	areas := make([]orb.MultiPolygon, n)
	for k, es := range edges {
		areas[k] = m.polygons(m.rings(es))
	}
	return areas
}

// rings chains directed edges. Where several leave a node it turns as sharply
// to the left as it can, so that parts that only touch there become rings of
// their own.
func (m *Mosaic) rings(edges map[[2]int32]bool) (rings [][]int32) {
	out := make(map[int32][]int32)
	starts := make([][2]int32, 0, len(edges))
	for e := range edges {
		out[e[0]] = append(out[e[0]], e[1])
		starts = append(starts, e)
	}
	slices.SortFunc(starts, func(a, b [2]int32) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, e := range starts {
		var ring []int32
		for edges[e] {
			delete(edges, e)
			ring = append(ring, e[0])
			e = [2]int32{e[1], m.turn(e, out[e[1]], edges)}
		}
		if len(ring) >= 3 {
			rings = append(rings, ring)
		}
	}
	return rings
}

func (m *Mosaic) turn(e [2]int32, out []int32, free map[[2]int32]bool) int32 {
	best, sharpest := int32(-1), 0.0
	back := angle(m.nodes[e[1]], m.nodes[e[0]])
	for _, n := range out {
		if !free[[2]int32{e[1], n}] {
			continue
		}
		// How far clockwise from where we came; the area is on the left, so the
		// first edge met that way bounds the same part of it.
		a := back - angle(m.nodes[e[1]], m.nodes[n])
		for a <= 0 {
			a += 2 * math.Pi
		}
		if best < 0 || a < sharpest {
			best, sharpest = n, a
		}
	}
	return best
}

// polygons sorts rings into outer ones and the holes inside of them.
func (m *Mosaic) polygons(rings [][]int32) orb.MultiPolygon {
	var outer, holes []orb.Ring
	for _, r := range rings {
		ring := make(orb.Ring, 0, len(r)+1)
		for _, n := range r {
			ring = append(ring, m.nodes[n])
		}
		ring = append(ring, ring[0])
		if area(m.nodes, r) > 0 {
			outer = append(outer, ring)
		} else {
			holes = append(holes, ring)
		}
	}
	slices.SortStableFunc(outer, func(a, b orb.Ring) int { return cmp.Compare(ringArea(b), ringArea(a)) })
	var mp orb.MultiPolygon
	for _, r := range outer {
		mp = append(mp, orb.Polygon{r})
	}
	for _, h := range holes {
		// The smallest outer ring around it has it: those inside come last.
		for i := len(mp) - 1; i >= 0; i-- {
			if holds(mp[i][0], inside(h)) {
				mp[i] = append(mp[i], h)
				break
			}
		}
	}
	return mp
}

// inside is a point just within a hole, beside its longest edge (the hole's
// ring runs clockwise, so its inside is on the right).
func inside(h orb.Ring) orb.Point {
	k := 0
	for i := range len(h) - 1 {
		if square(h[i], h[i+1]) > square(h[k], h[k+1]) {
			k = i
		}
	}
	a, b := h[k], h[k+1]
	return orb.Point{(a[0]+b[0])/2 + (b[1]-a[1])*1e-3, (a[1]+b[1])/2 - (b[0]-a[0])*1e-3}
}

func ringArea(r orb.Ring) (sum float64) {
	for i := 1; i+2 < len(r); i++ {
		sum += left(r[0], r[i], r[i+1])
	}
	return sum
}
