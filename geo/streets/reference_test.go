package streets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// reference is the same streets without any of the package's ideas: every
// corner and every spot is a point of its own, every stretch between two of
// them an arc, and ways are found by relaxing all arcs until nothing changes
// (Bellman-Ford).
type reference struct {
	points map[orb.Point]int
	arcs   [][3]float64 // from, to, seconds
}

func (r *reference) point(p orb.Point) int {
	key := orb.Point{math.Round(p[0] * 1e9), math.Round(p[1] * 1e9)}
	if i, ok := r.points[key]; ok {
		return i
	}
	r.points[key] = len(r.points)
	return len(r.points) - 1
}

func referenceOf(roads []Road, p Profile, spots []Spot) *reference {
	r := &reference{points: map[orb.Point]int{}}
	for i := range roads {
		road := &roads[i]
		speed := p.speed(road)
		if speed == 0 {
			continue
		}
		for k := range len(road.Line) - 1 {
			a, b := road.Line[k], road.Line[k+1]
			stops := []orb.Point{a, b}
			for _, s := range spots {
				// A spot on this stretch is where the two ways to it add up.
				if s.OK() && orbgeo.Distance(a, s.At)+orbgeo.Distance(s.At, b)-orbgeo.Distance(a, b) < 1e-4 {
					stops = append(stops, s.At)
				}
			}
			for x, from := range stops {
				for y, to := range stops {
					if x == y {
						continue
					}
					forth := orbgeo.Distance(a, from) <= orbgeo.Distance(a, to)
					if p.Wheels && (road.Direction == Forth && !forth || road.Direction == Back && forth) {
						continue
					}
					r.arcs = append(r.arcs, [3]float64{float64(r.point(from)), float64(r.point(to)), orbgeo.Distance(from, to) / speed})
				}
			}
		}
	}
	return r
}

func (r *reference) seconds(from, to orb.Point) float64 {
	cost := make([]float64, len(r.points)+2)
	for i := range cost {
		cost[i] = math.Inf(1)
	}
	cost[r.point(from)] = 0
	for changed := true; changed; {
		changed = false
		for _, a := range r.arcs {
			if c := cost[int(a[0])] + a[2]; c < cost[int(a[1])]-1e-12 {
				cost[int(a[1])], changed = c, true
			}
		}
	}
	return cost[r.point(to)]
}

// randomRoads is a crooked grid with streets missing, one-way ones, several
// classes, a loop, and an island that nothing leads to.
func randomRoads(rng *rand.Rand) []Road {
	const side = 5
	at := func(x, y int) orb.Point {
		return orb.Point{120.9 + float64(x)*0.004, 31.3 + float64(y)*0.004}
	}
	var jitter [side][side]orb.Point
	for x := range side {
		for y := range side {
			p := at(x, y)
			jitter[x][y] = orb.Point{p[0] + rng.Float64()*0.002, p[1] + rng.Float64()*0.002}
		}
	}
	classes := []string{"primary", "secondary", "residential", "service", "unheard-of"}
	var roads []Road
	add := func(line ...orb.Point) {
		if rng.IntN(5) == 0 {
			return
		}
		d := []Direction{Both, Both, Forth, Back}[rng.IntN(4)]
		roads = append(roads, Road{ID: fmt.Sprint(len(roads)), Line: line, Class: classes[rng.IntN(len(classes))], Direction: d})
	}
	between := func(a, b orb.Point) orb.Point {
		return orb.Point{(a[0]+b[0])/2 + rng.Float64()*0.0005, (a[1]+b[1])/2 + rng.Float64()*0.0005}
	}
	for y := range side {
		for x := 0; x+1 < side; x++ {
			if x+2 < side && rng.IntN(2) == 0 { // passes a crossing in its middle
				add(jitter[x][y], jitter[x+1][y], jitter[x+2][y])
				x++
			} else {
				add(jitter[x][y], between(jitter[x][y], jitter[x+1][y]), jitter[x+1][y])
			}
		}
		for x := range side {
			if y+1 < side {
				add(jitter[x][y], jitter[x][y+1])
			}
		}
	}
	roads = append(roads,
		Road{ID: "loop", Class: "residential", Line: orb.LineString{jitter[0][0], {120.897, 31.298}, {120.896, 31.301}, jitter[0][0]}},
		Road{ID: "island", Class: "primary", Line: orb.LineString{{121.1, 31.3}, {121.105, 31.302}, {121.11, 31.3}}},
	)
	return roads
}

func randomPlace(rng *rand.Rand) orb.Point {
	if rng.IntN(12) == 0 {
		return orb.Point{121.1 + rng.Float64()*0.01, 31.3 + rng.Float64()*0.004} // at the island
	}
	return orb.Point{120.895 + rng.Float64()*0.03, 31.297 + rng.Float64()*0.03}
}

func TestTheQuickestWayIsAsLongAsThatOfAReferenceWithoutIdeas(t *testing.T) {
	ways, none := 0, 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 4))
		roads := randomRoads(rng)
		for _, p := range []Profile{Car(), Cycle()} {
			n := New(roads, p)
			spots := make([]Spot, 12)
			for i := range spots {
				spots[i] = n.Snap(randomPlace(rng))
			}
			ref := referenceOf(roads, p, spots)
			to, from := spots[0], spots[1:]
			nearest := map[int]Trip{}
			last := 0.0
			for i, trip := range n.Nearest(to, from) {
				if _, twice := nearest[i]; twice {
					t.Fatalf("seed %d: spot %d came twice", seed, i)
				}
				if trip.Seconds < last {
					t.Fatalf("seed %d: %v s comes after %v s", seed, trip.Seconds, last)
				}
				nearest[i], last = trip, trip.Seconds
			}
			for i, f := range from {
				want := ref.seconds(f.At, to.At) + (f.Off+to.Off)/p.Walk
				trip, ok := nearest[i]
				single, also := n.Route(f, to)
				if ok != also || ok == math.IsInf(want, 1) {
					t.Fatalf("seed %d: from %v to %v: a way by Nearest %v, by Route %v; the reference takes %v s", seed, f.At, to.At, ok, also, want)
				}
				if !ok {
					none++
					continue
				}
				ways++
				if math.Abs(trip.Seconds-want) > 1e-3 || math.Abs(single.Seconds-want) > 1e-3 {
					t.Fatalf("seed %d: from %v to %v: %v s by Nearest, %v s by Route, want %v s", seed, f.At, to.At, trip.Seconds, single.Seconds, want)
				}
				for _, way := range []Trip{trip, single} {
					line := way.Line()
					length := orbgeo.Length(line) + f.Off + to.Off
					if math.Abs(length-way.Metres) > 0.01 {
						t.Fatalf("seed %d: the line is %v m, the trip %v m", seed, length, way.Metres)
					}
					if orbgeo.Distance(line[0], f.At) > 0.01 || orbgeo.Distance(line[len(line)-1], to.At) > 0.01 {
						t.Fatalf("seed %d: the line goes from %v to %v, not from %v to %v", seed, line[0], line[len(line)-1], f.At, to.At)
					}
				}
			}
		}
	}
	if ways < 300 || none < 50 {
		t.Errorf("%d ways and %d times none: the test tries too little", ways, none)
	}
}
