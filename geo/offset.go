package geo

import (
	"slices"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// Offset is the best explanation of where a batch of points was sent from the
// places where they are known to be.
//
// One point cannot tell: 500 m to the south-east of a lamp there may well be
// another lamp. Points whose places are known can.
type Offset struct {
	// CRS is the system that the sent numbers are most likely in; Swapped that
	// latitude stands before longitude.
	CRS     CRS
	Swapped bool
	// Apart is the median distance in metres between the known places and the
	// sent ones taken as they are, Left the one that the explanation leaves.
	Apart, Left float64
	// Points is how many pairs were compared.
	Points int
}

// nearEnough is how many metres from its known place a thing may be and still
// be there: a street's width and a cheap receiver's error.
const nearEnough = 50

// clearlyBetter is how many times nearer an explanation must bring the points
// than taking them as they are.
const clearlyBetter = 5

// OffsetOf compares the places where things are known to be with those that
// were sent for them, pair by pair (the longer list's rest is left out), all
// said to be CGCS2000. ok is true when one explanation other than "as declared"
// leaves the median point within 50 m and at most a fifth as far as it was.
func OffsetOf(known, sent []orb.Point) (o Offset, ok bool) {
	n := min(len(known), len(sent))
	if n == 0 {
		return Offset{}, false
	}
	known, sent = known[:n], sent[:n]
	apart := median(known, sent, func(p orb.Point) orb.Point { return p })
	best := Offset{CRS: CGCS2000, Apart: apart, Left: apart, Points: n}
	for _, swapped := range []bool{false, true} {
		for _, c := range []CRS{CGCS2000, GCJ02, BD09} {
			left := median(known, sent, func(p orb.Point) orb.Point {
				if swapped {
					p = orb.Point{p[1], p[0]}
				}
				return c.ToCGCS2000(p)
			})
			if left < best.Left {
				best.CRS, best.Swapped, best.Left = c, swapped, left
			}
		}
	}
	as := best.CRS != CGCS2000 || best.Swapped
	return best, as && best.Left <= nearEnough && best.Left*clearlyBetter <= best.Apart
}

func median(known, sent []orb.Point, read func(orb.Point) orb.Point) float64 {
	d := make([]float64, len(known))
	for i := range d {
		d[i] = orbgeo.DistanceHaversine(known[i], read(sent[i]))
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// SwappedLonLat reports whether p is outside of bound and would be inside with
// its numbers exchanged.
func SwappedLonLat(p orb.Point, bound orb.Bound) bool {
	return !bound.Contains(p) && bound.Contains(orb.Point{p[1], p[0]})
}
