package streets

import (
	"math"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// Step is one line of the way in words: what to do, then how far to go on.
type Step struct {
	Text, TextEn string
	Metres       float64
	At           orb.Point // where it begins
}

// Turn is how one goes on at a corner.
type Turn int

// The turns. Depart and Arrive are no corners.
const (
	Depart Turn = iota
	Straight
	SlightLeft
	Left
	SharpLeft
	SlightRight
	Right
	SharpRight
	UTurn
	Enter // into a roundabout
	Arrive
)

// turnOf is the turn from one bearing to another, degrees clockwise from north.
func turnOf(from, to float64) Turn {
	d := math.Mod(to-from+540, 360) - 180 // −180 … 180, right is positive
	side := func(left, right Turn) Turn {
		if d < 0 {
			return left
		}
		return right
	}
	switch a := math.Abs(d); {
	case a < 25:
		return Straight
	case a < 50:
		return side(SlightLeft, SlightRight)
	case a < 120:
		return side(Left, Right)
	case a < 165:
		return side(SharpLeft, SharpRight)
	}
	return UTurn
}

// stretch is a part of the trip that is one line of the way in words.
type stretch struct {
	road   *Road
	turn   Turn
	exit   int // of the roundabout
	metres float64
	line   orb.LineString
}

// Steps is the trip in words. Where a street goes on under its name there is no
// step; nor where a nameless one goes straight on.
func (t Trip) Steps() []Step {
	list := t.stretches()
	var steps []Step
	for _, s := range list {
		zh, en := words(s)
		steps = append(steps, Step{zh, en, s.metres, s.line[0]})
	}
	if len(steps) == 0 {
		return nil
	}
	zh, en := arrival(t.search.to.Off)
	last := list[len(list)-1].line
	return append(steps, Step{zh, en, 0, last[len(last)-1]})
}

func (t Trip) stretches() []stretch {
	n := t.search.n
	var list []stretch
	for _, l := range t.legs() {
		e := &n.edges[l.edge]
		metres := math.Abs(l.b-l.a) * e.metres
		if metres == 0 && len(list) > 0 {
			continue
		}
		road, line := &n.roads[e.road], n.drawn(l)
		if len(list) == 0 {
			list = append(list, stretch{road: road, turn: Depart, metres: metres, line: line})
			continue
		}
		last := &list[len(list)-1]
		if last.road.Roundabout && last.turn == Enter && !road.Roundabout {
			// The way out is part of the roundabout's step.
			last.exit++
			last.road, last.metres, last.line = road, last.metres+metres, append(last.line, line...)
			continue
		}
		turn := turnOf(bearingOut(last.line), bearingIn(line))
		switch {
		case road.Roundabout && (!last.road.Roundabout || last.turn != Enter):
			list = append(list, stretch{road: road, turn: Enter, metres: metres, line: line})
		case road.Roundabout:
			if n.exits(n.begins(l)) {
				last.exit++
			}
			last.metres, last.line = last.metres+metres, append(last.line, line...)
		case turn != UTurn && (road.Name != "" && road.Name == last.road.Name || turn == Straight && (road.Name == "" || last.metres == 0)):
			if last.metres == 0 {
				last.road = road
			}
			last.metres, last.line = last.metres+metres, append(last.line, line...)
		default:
			list = append(list, stretch{road: road, turn: turn, metres: metres, line: line})
		}
	}
	return list
}

// begins is the node at which a leg that begins at a node does.
func (n *Network) begins(l leg) int32 {
	if l.a < 0.5 {
		return n.edges[l.edge].from
	}
	return n.edges[l.edge].to
}

// exits reports whether one can leave a roundabout at a node.
func (n *Network) exits(node int32) bool {
	for _, x := range n.endsAt(node) {
		if _, seconds := n.leave(x); !math.IsInf(seconds, 1) && !n.roads[n.edges[x.edge()].road].Roundabout {
			return true
		}
	}
	return false
}

// lookAhead is how far from a corner a bearing is taken, in metres: the last
// few centimetres of a line may point anywhere.
const lookAhead = 15

// bearingIn is where a line sets out for, bearingOut where it was going at its
// end.
func bearingIn(line orb.LineString) float64 {
	for _, p := range line[1:] {
		if orbgeo.Distance(line[0], p) >= lookAhead {
			return orbgeo.Bearing(line[0], p)
		}
	}
	return orbgeo.Bearing(line[0], line[len(line)-1])
}

func bearingOut(line orb.LineString) float64 {
	last := len(line) - 1
	for i := last - 1; i >= 0; i-- {
		if orbgeo.Distance(line[i], line[last]) >= lookAhead {
			return orbgeo.Bearing(line[i], line[last])
		}
	}
	return orbgeo.Bearing(line[0], line[last])
}
