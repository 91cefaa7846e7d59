package made

import (
	"math"

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
		by := l.paths([]int{nodes[i]}, -1)
		for j := i + 1; j < len(centres); j++ {
			if neighbours(centres, i, j) {
				l.build(by, nodes[j], primary)
			}
		}
	}
	for _, e := range p.Exits {
		at := l.near(l.f.flat(e))
		l.build(l.paths(nodes, at), at, primary)
	}
	// One tree of ways serves all villages, so that they share their roads.
	tree := l.paths(l.roads(), -1)
	for _, s := range seats {
		if s.far > 1.1 {
			l.build(tree, l.near(s.at), tertiary)
		}
	}
	for _, c := range l.chains() {
		list = append(list, street{kind: c.kind, line: bend(straighten(c.line, 0.75*latticeStep))})
	}
	return list
}

// roads are the nodes that a road passes.
func (l *lattice) roads() (nodes []int) {
	for n := range l.land {
		if l.degree(n) > 0 {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

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
