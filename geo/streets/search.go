package streets

import (
	"iter"
	"math"

	"onecity/internal/shortest"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// Trip is one way to a place, with what it takes. Its Way is worked out when it
// is asked for.
type Trip struct {
	Seconds, Metres float64

	search *search
	from   Spot
	by     int32 // how it begins: see search.begin
}

// Nearest visits the spots of from in the order of the time that it takes from
// each to the spot to, the quickest first, with their index; those from which
// there is no way, or that are not OK, are not visited. The streets are searched
// from to outwards, against the way one drives, and no further than to the last
// spot that the caller asks for.
func (n *Network) Nearest(to Spot, from []Spot) iter.Seq2[int, Trip] {
	return func(yield func(int, Trip) bool) { n.outwards(to, from, nil, yield) }
}

// Route is the quickest way from a to b (A*); ok is false when there is none.
func (n *Network) Route(a, b Spot) (trip Trip, ok bool) {
	toGo := func(node int32) float64 {
		if n.top == 0 {
			return 0
		}
		// A hair less, so that rounding never makes it more than it is.
		return orbgeo.Distance(n.at[node], a.At) / n.top * 0.999
	}
	n.outwards(b, []Spot{a}, toGo, func(_ int, t Trip) bool {
		trip, ok = t, true
		return false
	})
	return trip, ok
}

// search is what is known of the way from each node to the target.
type search struct {
	n       *Network
	to      Spot
	seconds []float64 // from the node to the target; +Inf where not reached
	metres  []float64
	// next is the end of an edge by which one leaves the node; lastForth and
	// lastBack when that edge is the target's and one stops on it.
	next []end
	done []bool
}

const (
	lastForth end = -1
	lastBack  end = -2
)

// How a trip begins, on the edge of its spot.
const (
	byForth  = iota // to the edge's end
	byBack          // to the edge's beginning
	directly        // to the target, which is on the same edge
)

// outwards is Nearest; toGo, where it is not nil, is a lower bound of the
// seconds from the one spot to a node.
func (n *Network) outwards(to Spot, from []Spot, toGo func(int32) float64, yield func(int, Trip) bool) {
	if !to.ok {
		return
	}
	s := &search{n: n, to: to, seconds: make([]float64, len(n.at)), metres: make([]float64, len(n.at)), next: make([]end, len(n.at)), done: make([]bool, len(n.at))}
	for i := range s.seconds {
		s.seconds[i] = math.Inf(1)
	}
	on := map[int32][]int32{} // edge → spots on it
	best := make([]Trip, len(from))
	var open, found shortest.Frontier[int32]
	offer := func(i int32, by int32, seconds, metres float64) {
		off := from[i].Off + to.Off
		seconds += off / n.profile.Walk
		if old := &best[i]; seconds < old.Seconds {
			*old = Trip{seconds, metres + off, s, from[i], by}
			found.Push(i, seconds)
		}
	}
	for i := range from {
		best[i].Seconds = math.Inf(1)
		if f := &from[i]; f.ok {
			on[f.edge] = append(on[f.edge], int32(i))
			if f.edge == to.edge {
				e, d := &n.edges[to.edge], to.share-f.share
				if d >= 0 {
					offer(int32(i), directly, during(e.forth, d), d*e.metres)
				}
				if d <= 0 {
					offer(int32(i), directly, during(e.back, -d), -d*e.metres)
				}
			}
		}
	}
	reach := func(node int32, by end, seconds, metres float64) {
		if seconds >= s.seconds[node] {
			return
		}
		s.seconds[node], s.metres[node], s.next[node] = seconds, metres, by
		if toGo != nil {
			seconds += toGo(node)
		}
		open.Push(node, seconds)
	}
	e := &n.edges[to.edge]
	reach(e.from, lastForth, during(e.forth, to.share), to.share*e.metres)
	reach(e.to, lastBack, during(e.back, 1-to.share), (1-to.share)*e.metres)

	walk := to.Off / n.profile.Walk
	for yielded := 0; yielded < len(from); {
		if !found.Empty() && (open.Empty() || found.Least() <= open.Least()+walk) {
			f := found.Pop()
			if trip := best[f.Node]; trip.search != nil && f.Cost == trip.Seconds {
				yielded++
				best[f.Node].search = nil // told
				if !yield(int(f.Node), trip) {
					return
				}
			}
			continue
		}
		if open.Empty() {
			return
		}
		v := open.Pop().Node
		if s.done[v] {
			continue
		}
		s.done[v] = true
		for _, x := range n.endsAt(v) {
			e := &n.edges[x.edge()]
			for _, i := range on[x.edge()] {
				if x.isTail() {
					rest := 1 - from[i].share
					offer(i, byForth, during(e.forth, rest)+s.seconds[v], rest*e.metres+s.metres[v])
				} else {
					offer(i, byBack, during(e.back, from[i].share)+s.seconds[v], from[i].share*e.metres+s.metres[v])
				}
			}
			u, seconds := n.come(x)
			if !s.done[u] {
				reach(u, x^1, seconds+s.seconds[v], e.metres+s.metres[v])
			}
		}
	}
}

// during is the time for a share of an edge; no share takes none, also where one
// may not drive.
func during(seconds, share float64) float64 {
	if share <= 0 {
		return 0
	}
	return seconds * share
}

// leg is a stretch driven on one edge, from share a of it to share b.
type leg struct {
	edge int32
	a, b float64
}

// legs of the trip, in the order in which they are driven.
func (t Trip) legs() []leg {
	s, n := t.search, t.search.n
	if t.by == directly {
		return []leg{{t.from.edge, t.from.share, s.to.share}}
	}
	e := &n.edges[t.from.edge]
	node, legs := e.to, []leg{{t.from.edge, t.from.share, 1}}
	if t.by == byBack {
		node, legs = e.from, []leg{{t.from.edge, t.from.share, 0}}
	}
	for {
		switch x := s.next[node]; x {
		case lastForth:
			return append(legs, leg{s.to.edge, 0, s.to.share})
		case lastBack:
			return append(legs, leg{s.to.edge, 1, s.to.share})
		default:
			l := leg{x.edge(), 0, 1}
			if x.isTail() {
				l.a, l.b = 1, 0
			}
			legs = append(legs, l)
			node, _ = n.leave(x)
		}
	}
}

// Line is the trip as it is drawn, at least two points.
func (t Trip) Line() orb.LineString {
	var line orb.LineString
	for _, l := range t.legs() {
		line = append(line, t.search.n.drawn(l)...)
	}
	out := line[:1]
	for _, p := range line[1:] {
		if p != out[len(out)-1] {
			out = append(out, p)
		}
	}
	if len(out) == 1 {
		out = append(out, out[0])
	}
	return out
}

// drawn is the part of an edge's line that a leg covers, in driving order.
func (n *Network) drawn(l leg) orb.LineString {
	e := &n.edges[l.edge]
	lo, hi := min(l.a, l.b)*e.metres, max(l.a, l.b)*e.metres
	line := orb.LineString{n.pointAt(e, lo)}
	for p := e.head; p < e.tail; p++ {
		if n.along[p] > lo && n.along[p] < hi {
			line = append(line, n.points[p])
		}
	}
	line = append(line, n.pointAt(e, hi))
	if l.a > l.b {
		line.Reverse()
	}
	return line
}

// pointAt is the point so many metres along an edge.
func (n *Network) pointAt(e *edge, metres float64) orb.Point {
	for p := e.head; p < e.tail-1; p++ {
		if from, to := n.along[p], n.along[p+1]; metres < to {
			share := max(0, (metres-from)/(to-from))
			a, b := n.points[p], n.points[p+1]
			return orb.Point{a[0] + share*(b[0]-a[0]), a[1] + share*(b[1]-a[1])}
		}
	}
	return n.points[e.tail-1]
}
