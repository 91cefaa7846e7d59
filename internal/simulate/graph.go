package simulate

import (
	"math"

	"onecity/internal/shortest"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// road is one road as the server tells it.
type road struct {
	kind, name string
	line       orb.LineString
}

// graph is the street network: roads meet where they share a corner.
type graph struct {
	at     []orb.Point
	street []string // a street's name at the node, "" where none has one
	major  []bool   // a wide road passes the node
	out    [][]arc
}

// arc is a way from one node to the next.
type arc struct {
	to      int32
	metres  float64
	seconds float64
}

// speeds in m/s by kind of road; what is not named is a lane.
var speeds = map[string]float64{
	"motorway": 26, "trunk": 19, "primary": 15, "secondary": 13, "tertiary": 11, "residential": 8,
}

const (
	lane    = 5.0  // m/s on any other road
	fastest = 26.0 // m/s on any road
)

// majorKinds are wide roads with room beside them; a motorway has none.
var majorKinds = map[string]bool{"trunk": true, "primary": true, "secondary": true}

// newGraph keeps the largest connected part.
func newGraph(roads []road) *graph {
	g := &graph{}
	index := make(map[orb.Point]int32)
	node := func(p orb.Point) int32 {
		if n, ok := index[p]; ok {
			return n
		}
		n := int32(len(g.at))
		index[p] = n
		g.at = append(g.at, p)
		g.street, g.major, g.out = append(g.street, ""), append(g.major, false), append(g.out, nil)
		return n
	}
	for _, r := range roads {
		speed, ok := speeds[r.kind]
		if !ok {
			speed = lane
		}
		for i := range len(r.line) - 1 {
			a, b := node(r.line[i]), node(r.line[i+1])
			d := orbgeo.Distance(r.line[i], r.line[i+1])
			if a == b || d == 0 {
				continue
			}
			g.out[a] = append(g.out[a], arc{b, d, d / speed})
			g.out[b] = append(g.out[b], arc{a, d, d / speed})
			for _, n := range []int32{a, b} {
				if g.street[n] == "" {
					g.street[n] = r.name
				}
				g.major[n] = g.major[n] || majorKinds[r.kind]
			}
		}
	}
	return g.largest()
}

func (g *graph) largest() *graph {
	part := make([]int32, len(g.at))
	var best, size int32
	for n, next := int32(0), int32(1); int(n) < len(g.at); n++ {
		if part[n] != 0 {
			continue
		}
		count := int32(0)
		part[n] = next
		for todo := []int32{n}; len(todo) > 0; count++ {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for _, a := range g.out[at] {
				if part[a.to] == 0 {
					part[a.to] = next
					todo = append(todo, a.to)
				}
			}
		}
		if count > size {
			best, size = next, count
		}
		next++
	}
	k := &graph{}
	number := make([]int32, len(g.at))
	for n := range g.at {
		if part[n] == best {
			number[n] = int32(len(k.at))
			k.at, k.street, k.major = append(k.at, g.at[n]), append(k.street, g.street[n]), append(k.major, g.major[n])
		}
	}
	for n := range g.at {
		if part[n] != best {
			continue
		}
		out := make([]arc, len(g.out[n]))
		for i, a := range g.out[n] {
			out[i] = arc{number[a.to], a.metres, a.seconds}
		}
		k.out = append(k.out, out)
	}
	return k
}

// near is the node nearest to p, -1 in an empty graph.
func (g *graph) near(p orb.Point) int32 {
	best, least := int32(-1), math.Inf(1)
	for n, at := range g.at {
		if d := flatSquare(at, p); d < least {
			best, least = int32(n), d
		}
	}
	return best
}

// flatSquare orders distances within a city; it is in square degrees of latitude.
func flatSquare(a, b orb.Point) float64 {
	k := math.Cos(a[1] * math.Pi / 180)
	dx, dy := (a[0]-b[0])*k, a[1]-b[1]
	return dx*dx + dy*dy
}

// path is the quickest way (A*), as arcs to follow; empty when there is none
// or it leads nowhere.
func (g *graph) path(from, to int32) (arcs []arc) {
	if from < 0 || to < 0 || from == to {
		return nil
	}
	type step struct {
		cost float64
		from int32
		by   arc
	}
	best := map[int32]step{from: {}}
	done := make(map[int32]bool)
	var open shortest.Frontier[int32]
	open.Push(from, 0)
	for !open.Empty() {
		n := open.Pop().Node
		if n == to {
			break
		}
		if done[n] {
			continue
		}
		done[n] = true
		for _, a := range g.out[n] {
			c := best[n].cost + a.seconds
			if old, ok := best[a.to]; ok && old.cost <= c {
				continue
			}
			best[a.to] = step{c, n, a}
			open.Push(a.to, c+orbgeo.Distance(g.at[a.to], g.at[to])/fastest)
		}
	}
	if _, ok := best[to]; !ok {
		return nil
	}
	for n := to; n != from; n = best[n].from {
		arcs = append(arcs, best[n].by)
	}
	for i, j := 0, len(arcs)-1; i < j; i, j = i+1, j-1 {
		arcs[i], arcs[j] = arcs[j], arcs[i]
	}
	return arcs
}
