package made

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"
)

// quarter is the built-up part of one centre: a lattice of streets, turned,
// and bent a little so that it does not look ruled.
type quarter struct {
	*centre
	turn       float64 // radians
	wide, deep float64 // metres of a block
	reach      int     // nodes on each side of the middle
	phase      [4]float64
	ok         []bool // node is land of this quarter
}

// majorEvery street of a quarter is a wide one, which also has the bridges.
const majorEvery = 4

func makeQuarters(f *frame, w *water, rng *rand.Rand, centres []centre) (all []*quarter) {
	for i := range centres {
		q := &quarter{centre: &centres[i]}
		q.turn = (rng.Float64() - 0.5) * 0.5
		q.wide = 250 + 50*rng.Float64()
		q.deep = 200 + 40*rng.Float64()
		q.reach = int(1.3*q.Radius/q.deep) + 1
		for k := range q.phase {
			q.phase[k] = 2 * math.Pi * rng.Float64()
		}
		n := 2*q.reach + 1
		q.ok = make([]bool, n*n)
		for a := -q.reach; a <= q.reach; a++ {
			for b := -q.reach; b <= q.reach; b++ {
				p := q.at(a, b)
				q.ok[q.index(a, b)] = q.edge(p) < 1 && nearest(centres, p) == i && f.inside(p) && !w.wet(p)
			}
		}
		all = append(all, q)
	}
	return all
}

// nearest centre, in radii of their built-up parts.
func nearest(centres []centre, p orb.Point) (best int) {
	for i, c := range centres {
		if distance(p, c.flat)/c.Radius < distance(p, centres[best].flat)/centres[best].Radius {
			best = i
		}
	}
	return best
}

// edge is below 1 inside of the quarter's ragged edge.
func (q *quarter) edge(p orb.Point) float64 {
	a := math.Atan2(p[1]-q.flat[1], p[0]-q.flat[0])
	r := 1 + 0.14*math.Sin(3*a+q.phase[0]) + 0.08*math.Sin(7*a+q.phase[1])
	return distance(p, q.flat) / (q.Radius * r)
}

func (q *quarter) index(a, b int) int { return (a+q.reach)*(2*q.reach+1) + b + q.reach }

// has reports whether node (a, b) is land of the quarter.
func (q *quarter) has(a, b int) bool {
	return max(a, -a, b, -b) <= q.reach && q.ok[q.index(a, b)]
}

// at is the place of node (a, b) in metres.
func (q *quarter) at(a, b int) orb.Point {
	x, y := float64(a)*q.wide, float64(b)*q.deep
	x, y = x+45*math.Sin(y/900+q.phase[2]), y+45*math.Sin(x/1100+q.phase[3])
	sin, cos := math.Sincos(q.turn)
	return orb.Point{q.flat[0] + x*cos - y*sin, q.flat[1] + x*sin + y*cos}
}

// streets reads the streets off the lattice: along each line, as far as the
// land and the bridges go.
func (q *quarter) streets(w *water, rng *rand.Rand) (list []street) {
	for _, across := range []bool{false, true} {
		for a := -q.reach; a <= q.reach; a++ {
			major := a%majorEvery == 0
			s := street{kind: residential}
			if major {
				s.kind = secondary
			}
			flush := func() {
				if len(s.line) > 1 {
					list = append(list, s)
				}
				s.line = nil
			}
			for b := -q.reach; b < q.reach; b++ {
				from, to, ok := q.side(a, b, across)
				gap := !major && rng.Float64() < 0.12
				if !ok || gap || !major && w.wetBetween(from, to) {
					flush()
					continue
				}
				if s.line == nil {
					s.line = []orb.Point{from}
				}
				s.line = append(s.line, to)
			}
			flush()
		}
	}
	return list
}

// side is one side of a block: along line a, from node b to b+1.
func (q *quarter) side(a, b int, across bool) (from, to orb.Point, ok bool) {
	if across {
		return q.at(b, a), q.at(b+1, a), q.has(b, a) && q.has(b+1, a)
	}
	return q.at(a, b), q.at(a, b+1), q.has(a, b) && q.has(a, b+1)
}

// built reports whether p is in a quarter's built-up part.
func built(qs []*quarter, p orb.Point) bool {
	for _, q := range qs {
		if q.edge(p) < 1 {
			return true
		}
	}
	return false
}
