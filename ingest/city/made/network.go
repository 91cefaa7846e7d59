package made

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// knot makes one network of the streets: where two cross, both get the same
// corner, so that whoever drives can turn; what does not hang together with the
// largest part is left out. Lines come back in lon, lat.
func knot(f *frame, list []street) []street {
	for i := range list {
		list[i].line = slices.Compact(f.lonLats(list[i].line))
	}
	list = slices.DeleteFunc(list, func(s street) bool { return len(s.line) < 2 })
	cut := crossings(list)
	for i := range list {
		list[i].line = insert(list[i].line, cut[i])
	}
	return connected(list)
}

// cutAt is a corner to be put into segment number seg.
type cutAt struct {
	seg   int
	along float64
	at    orb.Point
}

func crossings(list []street) [][]cutAt {
	type ref struct{ street, seg int }
	var tree rtree.RTreeG[ref]
	cuts := make([][]cutAt, len(list))
	for i, s := range list {
		for k := range len(s.line) - 1 {
			a, b := s.line[k], s.line[k+1]
			lo := orb.Point{min(a[0], b[0]), min(a[1], b[1])}
			hi := orb.Point{max(a[0], b[0]), max(a[1], b[1])}
			tree.Search(lo, hi, func(_, _ [2]float64, o ref) bool {
				c, d := list[o.street].line[o.seg], list[o.street].line[o.seg+1]
				if t, u, ok := cross(a, b, c, d); ok {
					p := between(a, b, t)
					p = orb.Point{round7(p[0]), round7(p[1])}
					cuts[i] = append(cuts[i], cutAt{k, t, p})
					cuts[o.street] = append(cuts[o.street], cutAt{o.seg, u, p})
				}
				return true
			})
			tree.Insert(lo, hi, ref{i, k})
		}
	}
	return cuts
}

// cross finds where two segments cross or one ends on the other, as fractions.
func cross(a, b, c, d orb.Point) (t, u float64, ok bool) {
	left := func(a, b, c orb.Point) float64 {
		return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
	}
	l1, l2, m1, m2 := left(c, d, a), left(c, d, b), left(a, b, c), left(a, b, d)
	if l1*l2 > 0 || m1*m2 > 0 || l1 == l2 || m1 == m2 {
		return 0, 0, false
	}
	return l1 / (l1 - l2), m1 / (m1 - m2), true
}

func insert(line []orb.Point, cuts []cutAt) []orb.Point {
	slices.SortStableFunc(cuts, func(a, b cutAt) int { return cmp.Or(cmp.Compare(a.seg, b.seg), cmp.Compare(a.along, b.along)) })
	var out []orb.Point
	for k, p := range line {
		out = append(out, p)
		for len(cuts) > 0 && cuts[0].seg == k {
			out = append(out, cuts[0].at)
			cuts = cuts[1:]
		}
	}
	return slices.Compact(out)
}

// connected keeps the streets of the largest connected part, by corners.
func connected(list []street) []street {
	up := make(map[orb.Point]orb.Point)
	var root func(p orb.Point) orb.Point
	root = func(p orb.Point) orb.Point {
		q, ok := up[p]
		if !ok || q == p {
			up[p] = p
			return p
		}
		r := root(q)
		up[p] = r
		return r
	}
	for _, s := range list {
		for _, p := range s.line[1:] {
			up[root(p)] = root(s.line[0])
		}
	}
	size := make(map[orb.Point]int)
	best := root(list[0].line[0])
	for _, s := range list {
		r := root(s.line[0])
		size[r] += len(s.line)
		if size[r] > size[best] {
			best = r
		}
	}
	return slices.DeleteFunc(list, func(s street) bool { return root(s.line[0]) != best })
}
