package streets

import (
	"math"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// Network is the streets for one Profile. It is immutable.
type Network struct {
	profile Profile
	roads   []Road // without their lines
	at      []orb.Point
	edges   []edge
	// points are the corners of all edges, along the metres from the edge's
	// beginning to each.
	points []orb.Point
	along  []float64
	// ends are the ends of edges at each node: those of node n are
	// ends[first[n]:first[n+1]].
	ends  []end
	first []int32
	part  []int32 // of each node: in one part everybody gets to everybody
	sound []bool  // of each edge: it is of a part that is worth being on
	flat  plane
	index segments
	top   float64 // the highest speed on any edge, m/s
}

// edge is a stretch of one road from a node to the next. forth and back are the
// seconds to drive it as drawn and against; +Inf where one may not.
type edge struct {
	from, to    int32
	head, tail  int32 // its corners are points[head:tail]
	road        int32
	metres      float64
	forth, back float64
}

// end is one end of an edge: its beginning (even) or its end (odd).
type end int32

func (e end) edge() int32  { return int32(e) >> 1 }
func (e end) isTail() bool { return e&1 == 1 }

// tolerance joins corners that are no further apart, in metres: what is written
// with seven digits here and six there is still one crossing.
const tolerance = 0.3

// New joins roads into a network: two meet where they share a corner, to within
// 0.3 m. Roads that p does not drive on, and lines with less than two corners,
// are left out. The lines are kept by reference: do not change them.
func New(roads []Road, p Profile) *Network {
	n := &Network{profile: p}
	var lines []orb.LineString
	var speeds []float64
	for i := range roads {
		v := p.speed(&roads[i])
		if v <= 0 || len(roads[i].Line) < 2 {
			continue
		}
		r := roads[i]
		lines, speeds = append(lines, r.Line), append(speeds, v)
		r.Line = nil
		n.roads = append(n.roads, r)
	}
	n.flat = planeOf(lines)
	corners, count := n.corners(lines)
	node := make([]int32, count)
	for i := range node {
		node[i] = -1
	}
	uses := make([]int32, count)
	for _, line := range corners {
		for i, c := range line {
			uses[c]++
			if i == 0 || i == len(line)-1 {
				uses[c]++ // where a road ends is always a node
			}
		}
	}
	nodeOf := func(c int32, p orb.Point) int32 {
		if node[c] < 0 {
			node[c] = int32(len(n.at))
			n.at = append(n.at, p)
		}
		return node[c]
	}
	for road, line := range corners {
		begin := 0
		for i := 1; i < len(line); i++ {
			if uses[line[i]] < 2 {
				continue
			}
			a, b := nodeOf(line[begin], lines[road][begin]), nodeOf(line[i], lines[road][i])
			n.addEdge(a, b, int32(road), lines[road][begin:i+1], speeds[road])
			begin = i
		}
	}
	n.join()
	n.divide()
	n.index = n.segments()
	return n
}

// addEdge adds a stretch, unless it has no length.
func (n *Network) addEdge(from, to, road int32, line orb.LineString, speed float64) {
	e := edge{from: from, to: to, head: int32(len(n.points)), road: road}
	for i, p := range line {
		if i > 0 {
			e.metres += orbgeo.Distance(line[i-1], p)
		}
		n.points, n.along = append(n.points, p), append(n.along, e.metres)
	}
	e.tail = int32(len(n.points))
	if e.metres == 0 {
		n.points, n.along = n.points[:e.head], n.along[:e.head]
		return
	}
	n.top = max(n.top, speed)
	e.forth, e.back = e.metres/speed, e.metres/speed
	if n.profile.Wheels {
		switch n.roads[road].Direction {
		case Forth:
			e.back = math.Inf(1)
		case Back:
			e.forth = math.Inf(1)
		}
	}
	n.edges = append(n.edges, e)
}

// join lists the ends of edges at each node.
func (n *Network) join() {
	n.first = make([]int32, len(n.at)+1)
	for _, e := range n.edges {
		n.first[e.from+1]++
		n.first[e.to+1]++
	}
	for i := range n.at {
		n.first[i+1] += n.first[i]
	}
	n.ends = make([]end, 2*len(n.edges))
	next := append([]int32(nil), n.first...)
	for i, e := range n.edges {
		n.ends[next[e.from]] = end(2 * i)
		next[e.from]++
		n.ends[next[e.to]] = end(2*i + 1)
		next[e.to]++
	}
}

func (n *Network) endsAt(node int32) []end { return n.ends[n.first[node]:n.first[node+1]] }

// leave is where one gets by leaving a node by that end of an edge, and the
// seconds it takes.
func (n *Network) leave(x end) (to int32, seconds float64) {
	e := &n.edges[x.edge()]
	if x.isTail() {
		return e.from, e.back
	}
	return e.to, e.forth
}

// come is where one comes from when one arrives by that end of an edge.
func (n *Network) come(x end) (from int32, seconds float64) {
	e := &n.edges[x.edge()]
	if x.isTail() {
		return e.from, e.forth
	}
	return e.to, e.back
}

// Size is how many nodes and edges it has.
func (n *Network) Size() (nodes, edges int) { return len(n.at), len(n.edges) }
