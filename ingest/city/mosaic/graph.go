package mosaic

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// graph is the drawing of border and bisectors as nodes and edges, from which
// the faces are read.
type graph struct {
	squeeze float64
	nodes   []orb.Point
	index   map[[2]int64]int32
	// out are the neighbours of each node; made by draw, sorted by angle by mosaic.
	out [][]int32
	// leftSeed is the seed on the left of a directed edge, for bisectors.
	leftSeed map[[2]int32]int
}

// unit is the rounding of nodes in degrees.
const unit = 1e-7

func newGraph(squeeze float64) *graph {
	return &graph{squeeze: squeeze, index: make(map[[2]int64]int32), leftSeed: make(map[[2]int32]int)}
}

// node is the number of the node at plane point p.
func (g *graph) node(p orb.Point) int32 {
	key := [2]int64{int64(math.Round(p[0] / g.squeeze / unit)), int64(math.Round(p[1] / unit))}
	if n, ok := g.index[key]; ok {
		return n
	}
	n := int32(len(g.nodes))
	g.index[key] = n
	// Dividing by a whole number gives the shortest decimal.
	g.nodes = append(g.nodes, orb.Point{float64(key[0]) / 1e7, float64(key[1]) / 1e7})
	g.out = append(g.out, nil)
	return n
}

func (g *graph) edge(a, b int32) {
	if a != b && !slices.Contains(g.out[a], b) {
		g.out[a] = append(g.out[a], b)
		g.out[b] = append(g.out[b], a)
	}
}

// stop is a crossing on a segment, by its place along it.
type stop struct {
	along float64
	node  int32
}

// draw splits border edges and bisectors where they cross and keeps the parts
// of the bisectors that lie inside.
func (g *graph) draw(border orb.Ring, bis []bisector, seeds []orb.Point) {
	onBorder := make([][]stop, len(border)-1)
	for _, s := range bis {
		a, b := s.a.at, s.b.at
		segment := orb.MultiPoint{a, b}.Bound()
		stops := []stop{{0, -1}, {1, -1}}
		for k := range onBorder {
			c, d := border[k], border[k+1]
			if max(c[0], d[0]) < segment.Min[0] || min(c[0], d[0]) > segment.Max[0] ||
				max(c[1], d[1]) < segment.Min[1] || min(c[1], d[1]) > segment.Max[1] {
				continue
			}
			if t, u, ok := cross(a, b, c, d); ok {
				n := g.node(orb.Point{c[0] + u*(d[0]-c[0]), c[1] + u*(d[1]-c[1])})
				stops = append(stops, stop{t, n})
				onBorder[k] = append(onBorder[k], stop{u, n})
			}
		}
		sortStops(stops)
		for k := range len(stops) - 1 {
			p, q := along(a, b, stops[k].along), along(a, b, stops[k+1].along)
			if holds(border, along(p, q, 0.5)) {
				g.part(stops[k], stops[k+1], s, p, q, seeds)
			}
		}
	}
	for k, stops := range onBorder {
		sortStops(stops)
		from := g.node(border[k])
		for _, s := range stops {
			g.edge(from, s.node)
			from = s.node
		}
		g.edge(from, g.node(border[k+1]))
	}
}

// part adds the inner part p–q of a bisector.
func (g *graph) part(from, to stop, s bisector, p, q orb.Point, seeds []orb.Point) {
	a, b := from.node, to.node
	if a < 0 {
		a = g.node(p)
	}
	if b < 0 {
		b = g.node(q)
	}
	if a == b {
		return
	}
	g.edge(a, b)
	l, r := s.i, s.j
	if left(p, q, seeds[l]) < 0 {
		l, r = r, l
	}
	g.leftSeed[[2]int32{a, b}] = l
	g.leftSeed[[2]int32{b, a}] = r
}

func sortStops(s []stop) {
	slices.SortFunc(s, func(a, b stop) int { return cmp.Compare(a.along, b.along) })
}

// along is exact at both ends.
func along(a, b orb.Point, t float64) orb.Point {
	if t == 1 {
		return b
	}
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
}

// holds is the even-odd test; no point asked lies on the border.
func holds(r orb.Ring, p orb.Point) (in bool) {
	for i := range len(r) - 1 {
		a, b := r[i], r[i+1]
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < a[0]+(p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
			in = !in
		}
	}
	return in
}

var errTangled = errors.New("mosaic: the border is not one piece")

// mosaic walks all faces of the drawing. The one with negative area is outside;
// so are the pockets that a border encloses where it touches itself.
func (g *graph) mosaic(border orb.Ring, seeds []orb.Point, flat func(orb.Point) orb.Point) (*Mosaic, error) {
	g.sortByAngle()
	m := &Mosaic{nodes: g.nodes}
	done := make(map[[2]int32]bool)
	outside := 0
	for a := range int32(len(g.out)) {
		for _, b := range g.out[a] {
			if done[[2]int32{a, b}] {
				continue
			}
			f := face{seed: -1}
			for e := [2]int32{a, b}; !done[e]; e = g.next(e) {
				done[e] = true
				f.ring = append(f.ring, e[0])
				if s, ok := g.leftSeed[e]; ok {
					f.seed = s
				}
			}
			if area(g.nodes, f.ring) < 0 {
				outside++
				continue
			}
			if !holds(border, flat(beside(g.nodes, f.ring))) {
				continue
			}
			if f.seed < 0 { // no bisector passes it
				f.seed = nearest(seeds, flat(g.nodes[f.ring[0]]))
			}
			m.faces = append(m.faces, f)
		}
	}
	if outside != 1 {
		return nil, errTangled
	}
	return m, nil
}

func (g *graph) sortByAngle() {
	for n, out := range g.out {
		o := g.nodes[n]
		slices.SortFunc(out, func(a, b int32) int { return cmp.Compare(angle(o, g.nodes[a]), angle(o, g.nodes[b])) })
	}
}

// next turns as sharply to the left as it can at the end of e, which keeps the
// same face on the left.
func (g *graph) next(e [2]int32) [2]int32 {
	out := g.out[e[1]]
	i := slices.Index(out, e[0])
	return [2]int32{e[1], out[(i+len(out)-1)%len(out)]}
}

func angle(o, p orb.Point) float64 { return math.Atan2(p[1]-o[1], p[0]-o[0]) }

// area is twice the signed area in square degrees.
func area(nodes []orb.Point, ring []int32) (sum float64) {
	o := nodes[ring[0]]
	for i := 1; i+1 < len(ring); i++ {
		sum += left(o, nodes[ring[i]], nodes[ring[i+1]])
	}
	return sum
}

// beside is a point just within a face, to the left of its longest edge.
func beside(nodes []orb.Point, ring []int32) orb.Point {
	var a, b orb.Point
	for i, n := range ring {
		p, q := nodes[n], nodes[ring[(i+1)%len(ring)]]
		if square(p, q) > square(a, b) {
			a, b = p, q
		}
	}
	return orb.Point{(a[0]+b[0])/2 - (b[1]-a[1])*1e-4, (a[1]+b[1])/2 + (b[0]-a[0])*1e-4}
}

func nearest(seeds []orb.Point, p orb.Point) (best int) {
	for i, s := range seeds {
		if square(s, p) < square(seeds[best], p) {
			best = i
		}
	}
	return best
}
