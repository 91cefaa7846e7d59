package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// prepared is a polygon made ready for many "does it hold this point?"
// questions. Its edges are bucketed in horizontal slabs of equal height, so a
// question looks at the few edges that pass the point's latitude, and not at
// all of them.
//
// The rule is even-odd on half-open edges: an edge owns its lower end and not
// its upper one, and a point on an edge belongs to the side in the east. Edges
// are stored from the lower to the upper end whichever way the ring runs, so
// two neighbours that share an edge compute the same crossing, bit for bit,
// and exactly one of them holds a point on it.
type prepared struct {
	bound orb.Bound
	// perDegree is slabs per degree of latitude above bound.Min.
	perDegree float64
	// first[i] … first[i+1] are the edges of slab i.
	first []uint32
	edges []edge
}

// edge runs from (x, lo) to some (…, hi), lo < hi, with slope dx/dy.
type edge struct{ lo, hi, x, slope float64 }

// edgesPerSlab is how many edges, on average, a slab would hold if each edge
// lay in one slab only; fewer make more memory and no better speed.
const edgesPerSlab = 2

// maxSlabs bounds the memory of a polygon with very many edges.
const maxSlabs = 1 << 14

// prepare makes p ready. Rings need not be closed twice over: a missing last
// edge is added.
func prepare(p orb.Polygon) prepared {
	all := edgesOf(p)
	q := prepared{bound: p.Bound()}
	n := min(max(len(all)/edgesPerSlab, 1), maxSlabs)
	if h := q.bound.Max[1] - q.bound.Min[1]; h > 0 {
		q.perDegree = float64(n) / h
	}
	q.first = make([]uint32, n+1)
	for _, e := range all {
		for i := q.slab(e.lo); i <= q.slab(e.hi); i++ {
			q.first[i+1]++
		}
	}
	for i := range n {
		q.first[i+1] += q.first[i]
	}
	q.edges = make([]edge, q.first[n])
	next := append([]uint32(nil), q.first[:n]...)
	for _, e := range all {
		for i := q.slab(e.lo); i <= q.slab(e.hi); i++ {
			q.edges[next[i]] = e
			next[i]++
		}
	}
	return q
}

func edgesOf(p orb.Polygon) []edge {
	var es []edge
	for _, r := range p {
		for i := range r {
			a, b := r[i], r[(i+1)%len(r)]
			if a[1] > b[1] {
				a, b = b, a
			}
			if a[1] == b[1] {
				continue // a level edge is never crossed
			}
			es = append(es, edge{a[1], b[1], a[0], (b[0] - a[0]) / (b[1] - a[1])})
		}
	}
	return es
}

// slab is monotonic in y, so an edge's slabs are all those between its ends'.
func (q *prepared) slab(y float64) int {
	i := int((y - q.bound.Min[1]) * q.perDegree)
	return max(0, min(i, len(q.first)-2))
}

// holds reports whether p is inside.
func (q *prepared) holds(p orb.Point) bool {
	x, y := p[0], p[1]
	// Negated so that NaN is outside.
	if !(x >= q.bound.Min[0] && x <= q.bound.Max[0] && y >= q.bound.Min[1] && y <= q.bound.Max[1]) {
		return false
	}
	i := q.slab(y)
	odd := false
	for _, e := range q.edges[q.first[i]:q.first[i+1]] {
		if y >= e.lo && y < e.hi && x < math.FMA(y-e.lo, e.slope, e.x) {
			odd = !odd
		}
	}
	return odd
}
