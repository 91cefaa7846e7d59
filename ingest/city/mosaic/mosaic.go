package mosaic

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Mosaic is an area cut into faces, each of one seed.
type Mosaic struct {
	nodes []orb.Point // lon, lat, rounded
	faces []face
}

// face is one connected part of a cell: a simple ring of nodes, not closed,
// counter-clockwise.
type face struct {
	seed int
	ring []int32
}

// Cut cuts the area inside border (a closed ring, lon, lat) into the Voronoi
// cells of seeds. Distances are measured on the plane that touches the middle
// of the border, which is right for an area of a city's size. It fails when a
// seed is outside of the border's bound or two seeds fall together, and when
// the border is not closed. The border may touch itself, but not cross.
func Cut(border orb.Ring, seeds []orb.Point) (*Mosaic, error) {
	if len(border) < 4 || border[0] != border[len(border)-1] {
		return nil, errors.New("mosaic: the border is not a closed ring")
	}
	if len(seeds) == 0 {
		return nil, errors.New("mosaic: no seed")
	}
	b := border.Bound()
	squeeze := math.Cos((b.Min[1] + b.Max[1]) / 2 * math.Pi / 180)
	flat := func(p orb.Point) orb.Point { return orb.Point{p[0] * squeeze, p[1]} }
	plane := make([]orb.Point, len(seeds))
	seen := make(map[orb.Point]int, len(seeds))
	for i, s := range seeds {
		if !b.Contains(s) {
			return nil, fmt.Errorf("mosaic: seed %d at %v is outside of the border", i, s)
		}
		if j, ok := seen[s]; ok {
			return nil, fmt.Errorf("mosaic: seeds %d and %d fall together at %v", j, i, s)
		}
		seen[s] = i
		plane[i] = flat(s)
	}
	g := newGraph(squeeze)
	ring := flatRing(border, flat)
	g.draw(ring, bisectors(plane, orb.Bound{Min: flat(b.Min), Max: flat(b.Max)}), plane)
	return g.mosaic(ring, plane, flat)
}

func flatRing(r orb.Ring, flat func(orb.Point) orb.Point) orb.Ring {
	if r.Orientation() == orb.CW {
		r = r.Clone()
		r.Reverse()
	}
	f := make(orb.Ring, len(r))
	for i, p := range r {
		f[i] = flat(p)
	}
	return f
}
