package made

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// street is one road as it is drawn, in metres.
type street struct {
	kind kind
	name string
	line []orb.Point
}

// mainRoads links neighbouring centres with each other and with the exits, and
// every seat outside of the built-up parts with the nearest road.
func mainRoads(l *lattice, p *Plan, centres []centre, seats []*seat) (list []street) {
	nodes := make([]int, len(centres))
	for i, c := range centres {
		nodes[i] = l.near(c.flat)
	}
	for i := range centres {
		by, _ := l.paths([]int{nodes[i]}, never)
		for j := i + 1; j < len(centres); j++ {
			if neighbours(centres, i, j) {
				l.build(by, nodes[j], primary)
			}
		}
	}
	for _, e := range p.Exits {
		at := l.near(l.f.flat(e))
		by, end := l.paths(nodes, func(n int) bool { return n == at })
		l.build(by, end, primary)
	}
	// Villages near the towns come first, so that those behind them share their
	// roads.
	for _, s := range slices.SortedStableFunc(slices.Values(seats), func(a, b *seat) int { return cmp.Compare(a.far, b.far) }) {
		if s.far > 1.1 {
			by, end := l.paths([]int{l.near(s.at)}, func(n int) bool { return l.degree(n) > 0 })
			l.build(by, end, tertiary)
		}
	}
	for _, c := range l.chains() {
		list = append(list, street{kind: c.kind, line: bend(straighten(c.line, 0.75*latticeStep))})
	}
	return list
}

func never(int) bool { return false }

// neighbours: no third centre lies in the circle over the line between them
// (the Gabriel graph).
func neighbours(cs []centre, i, j int) bool {
	for k := range cs {
		if k != i && k != j && square(cs[i].flat, cs[k].flat)+square(cs[j].flat, cs[k].flat) < square(cs[i].flat, cs[j].flat) {
			return false
		}
	}
	return true
}

// motorways follow the plan, over water too.
func motorways(f *frame, p *Plan) (list []street) {
	for _, m := range p.Motorways {
		for _, run := range runsInside(f, densify(bend(f.flats(m.Way)), 250)) {
			list = append(list, street{kind: motorway, name: m.Name, line: run})
		}
	}
	return list
}

// ringRoad goes round c, on dry land and over rivers but not over lakes.
func ringRoad(f *frame, w *water, c orb.Point, radius float64) (list []street) {
	var line []orb.Point
	const corners = 96
	for i := range corners + 1 {
		a := 2 * math.Pi * float64(i%corners) / corners
		// A ring with flattened sides: streets are longer than they are bent.
		r := radius * (1 + 0.06*math.Cos(4*a))
		line = append(line, orb.Point{c[0] + 1.08*r*math.Cos(a), c[1] + 0.95*r*math.Sin(a)})
	}
	for _, run := range runs(line, func(p orb.Point) bool { return f.inside(p) && !w.lake(p) }) {
		list = append(list, street{kind: trunk, name: "中环路", line: run})
	}
	return list
}
