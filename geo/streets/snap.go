package streets

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Spot is where a place touches the streets.
type Spot struct {
	// At is the point on the street, Off how far the place is from it, in metres.
	At  orb.Point
	Off float64

	edge  int32
	share float64 // of the edge's length, from its beginning
	ok    bool
}

// OK reports whether there was a street to touch.
func (s Spot) OK() bool { return s.ok }

// farthest is how far from all streets a place may be, in metres.
const farthest = 10_000

// bridge is how much nearer, in metres, a street of no sound part must be to be
// taken before one of a sound part.
const bridge = 150

// segments finds the stretch between two corners that is nearest to a place.
type segments struct {
	tree  *rtree.RTreeGN[float64, segment]
	empty bool
}

type segment struct{ edge, point int32 } // from points[point] to the next

func (n *Network) segments() segments {
	tree := &rtree.RTreeGN[float64, segment]{}
	for i, e := range n.edges {
		for p := e.head; p < e.tail-1; p++ {
			a, b := n.flat.of(n.points[p]), n.flat.of(n.points[p+1])
			lo := [2]float64{min(a[0], b[0]), min(a[1], b[1])}
			hi := [2]float64{max(a[0], b[0]), max(a[1], b[1])}
			tree.Insert(lo, hi, segment{int32(i), p})
		}
	}
	return segments{tree, len(n.edges) == 0}
}

// Snap is where a place touches the streets: the nearest street that is
// connected with enough others, or a nearer one by far. The Spot is not OK when
// no street is within 10 km.
func (n *Network) Snap(place orb.Point) Spot {
	if n.index.empty || !(math.Abs(place[0]) <= 180 && math.Abs(place[1]) <= 90) {
		return Spot{}
	}
	q := n.flat.of(place)
	var best Spot
	n.index.tree.Nearby(rtree.BoxDist(q, q, func(_, _ [2]float64, s segment) float64 {
		_, square := n.foot(q, s)
		return square
	}), func(_, _ [2]float64, s segment, square float64) bool {
		off := math.Sqrt(square)
		if off > farthest || best.ok && off > best.Off+bridge {
			return false
		}
		if !best.ok || n.sound[s.edge] {
			best = n.spot(q, s, off)
		}
		return !n.sound[s.edge]
	})
	return best
}

// foot is how far along s, from 0 to 1, it is nearest to q, and the square of
// the distance.
func (n *Network) foot(q [2]float64, s segment) (along, square float64) {
	a, b := n.flat.of(n.points[s.point]), n.flat.of(n.points[s.point+1])
	dx, dy := b[0]-a[0], b[1]-a[1]
	if l := dx*dx + dy*dy; l > 0 {
		along = min(1, max(0, ((q[0]-a[0])*dx+(q[1]-a[1])*dy)/l))
	}
	dx, dy = a[0]+along*dx-q[0], a[1]+along*dy-q[1]
	return along, dx*dx + dy*dy
}

func (n *Network) spot(q [2]float64, s segment, off float64) Spot {
	along, _ := n.foot(q, s)
	a, b := n.points[s.point], n.points[s.point+1]
	metres := n.along[s.point] + along*(n.along[s.point+1]-n.along[s.point])
	return Spot{
		At: orb.Point{a[0] + along*(b[0]-a[0]), a[1] + along*(b[1]-a[1])}, Off: off,
		edge: s.edge, share: min(1, metres/n.edges[s.edge].metres), ok: true,
	}
}
