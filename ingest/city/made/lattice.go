package made

import (
	"math"
	"math/rand/v2"

	"onecity/internal/shortest"

	"github.com/paulmach/orb"
)

// latticeStep is the distance in metres of the lattice on which main and
// country roads find their way.
const latticeStep = 150

// lattice is a square lattice over the city. Roads run along its sides and
// diagonals; later ones like to use what is there.
type lattice struct {
	f    *frame
	w, h int
	land []uint8   // outside, dry, wet
	toil []float64 // what crossing a node costs more than its length; makes ways wind
	road []kind    // by node and direction; "" is none
}

const (
	outside uint8 = iota
	dry
	wet
)

// A road has one of these kinds, from the widest to the narrowest.
type kind string

const (
	motorway    kind = "motorway"
	trunk       kind = "trunk"
	primary     kind = "primary"
	secondary   kind = "secondary"
	tertiary    kind = "tertiary"
	residential kind = "residential"
)

// steps are the eight ways on; step i and i+4 are opposite.
var steps = [8][2]int{{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}}

func newLattice(f *frame, wa *water, rng *rand.Rand) *lattice {
	l := &lattice{f: f}
	l.w = int((f.bound.Max[0]-f.bound.Min[0])/latticeStep) + 1
	l.h = int((f.bound.Max[1]-f.bound.Min[1])/latticeStep) + 1
	l.land = make([]uint8, l.w*l.h)
	l.road = make([]kind, l.w*l.h*8)
	l.toil = make([]float64, l.w*l.h)
	for n := range l.land {
		l.toil[n] = 0.7 + 0.6*rng.Float64()
		switch p := l.at(n); {
		case !f.inside(p):
		case wa.wet(p):
			l.land[n] = wet
		default:
			l.land[n] = dry
		}
	}
	return l
}

func (l *lattice) at(n int) orb.Point {
	return orb.Point{l.f.bound.Min[0] + float64(n%l.w)*latticeStep, l.f.bound.Min[1] + float64(n/l.w)*latticeStep}
}

// near is the dry node nearest to p.
func (l *lattice) near(p orb.Point) int {
	best := -1
	for n, land := range l.land {
		if land == dry && (best < 0 || square(l.at(n), p) < square(l.at(best), p)) {
			best = n
		}
	}
	return best
}

// neighbour is the node one step on, or -1.
func (l *lattice) neighbour(n, step int) int {
	x, y := n%l.w+steps[step][0], n/l.w+steps[step][1]
	if x < 0 || y < 0 || x >= l.w || y >= l.h || l.land[y*l.w+x] == outside {
		return -1
	}
	return y*l.w + x
}

// cost of one step: length, dear over water (a bridge), cheap along a road.
func (l *lattice) cost(n, step, to int) float64 {
	c := 1.0
	if step%2 == 1 {
		c = math.Sqrt2
	}
	c *= (l.toil[n] + l.toil[to]) / 2
	if l.land[n] == wet || l.land[to] == wet {
		c *= 40
	}
	if l.road[n*8+step] != "" {
		c *= 0.5
	}
	return c
}

// paths finds the cheapest way from any of the sources to every node: the step
// by which each is reached, -1 at sources and where there is no way. It ends at
// the first node that is a goal, and tells it; -1 when there was none.
func (l *lattice) paths(sources []int, goal func(int) bool) (by []int8, end int) {
	by = make([]int8, len(l.land))
	cost := make([]float64, len(l.land))
	for n := range cost {
		by[n], cost[n] = -1, math.Inf(1)
	}
	var open shortest.Frontier[int]
	for _, n := range sources {
		cost[n] = 0
		open.Push(n, 0)
	}
	for !open.Empty() {
		r := open.Pop()
		if goal(r.Node) {
			return by, r.Node
		}
		if r.Cost > cost[r.Node] {
			continue
		}
		for s := range steps {
			to := l.neighbour(r.Node, s)
			if to < 0 {
				continue
			}
			if c := r.Cost + l.cost(r.Node, s, to); c < cost[to] {
				cost[to], by[to] = c, int8(s)
				open.Push(to, c)
			}
		}
	}
	return by, -1
}

// build makes a road along the way to goal; a wider road that is there stays.
func (l *lattice) build(by []int8, goal int, k kind) {
	if goal < 0 {
		return
	}
	for n := goal; by[n] >= 0; {
		s := int(by[n])
		from := l.neighbour(n, (s+4)%8)
		for _, side := range []int{from*8 + s, n*8 + (s+4)%8} {
			if l.road[side] == "" {
				l.road[side] = k
			}
		}
		n = from
	}
}

// degree is how many roads meet at n.
func (l *lattice) degree(n int) (d int) {
	for s := range steps {
		if l.road[n*8+s] != "" {
			d++
		}
	}
	return d
}

// chain is a road between two junctions.
type chain struct {
	kind kind
	line []orb.Point
}

// chains reads the roads off the lattice, each from junction to junction.
func (l *lattice) chains() (all []chain) {
	done := make([]bool, len(l.road))
	for n := range l.land {
		for s := range steps {
			if l.road[n*8+s] == "" || done[n*8+s] || !l.junction(n) {
				continue
			}
			c := chain{kind: l.road[n*8+s], line: []orb.Point{l.at(n)}}
			for at, step := n, s; ; {
				to := l.neighbour(at, step)
				done[at*8+step], done[to*8+(step+4)%8] = true, true
				c.line = append(c.line, l.at(to))
				if l.junction(to) {
					break
				}
				at, step = to, l.onward(to, (step+4)%8)
			}
			all = append(all, c)
		}
	}
	return all
}

// junction: an end, a meeting of three or more, or a change of kind.
func (l *lattice) junction(n int) bool {
	if l.degree(n) != 2 {
		return l.degree(n) > 0
	}
	var met kind
	for s := range steps {
		if k := l.road[n*8+s]; k != "" {
			if met != "" && met != k {
				return true
			}
			met = k
		}
	}
	return false
}

func (l *lattice) onward(n, back int) int {
	for s := range steps {
		if s != back && l.road[n*8+s] != "" {
			return s
		}
	}
	return back
}
