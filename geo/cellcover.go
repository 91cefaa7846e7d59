package geo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
	"github.com/uber/h3-go/v4"
)

// widestCover is how many degrees of longitude H3 is asked at once: an edge of
// more than 180° would be taken for one across the antimeridian.
const widestCover = 90

// CellsIn covers a bound: every cell of resolution res that touches it, sorted.
// ok is false, and nothing is returned, when that would be more than max cells,
// or when the bound is empty or not on the globe.
func CellsIn(b orb.Bound, res, max int) (cells []Cell, ok bool) {
	if b.IsEmpty() || checkPoint(b.Min) != nil || checkPoint(b.Max) != nil {
		return nil, false
	}
	// Refuse what is far too much before H3 allocates for it.
	if tooMany, err := wouldExceed(b, res, max); err != nil || tooMany {
		return nil, false
	}
	for w := b.Min[0]; ; w += widestCover {
		part := orb.Bound{Min: orb.Point{w, b.Min[1]}, Max: orb.Point{math.Min(w+widestCover, b.Max[0]), b.Max[1]}}
		found, err := cover(part, res)
		if err != nil {
			return nil, false
		}
		cells = append(cells, found...)
		if part.Max[0] >= b.Max[0] {
			break
		}
	}
	slices.Sort(cells)
	cells = slices.Compact(cells)
	if len(cells) > max {
		return nil, false
	}
	return cells, true
}

func wouldExceed(b orb.Bound, res, max int) (bool, error) {
	each, err := h3.HexagonAreaAvgM2(res)
	if err != nil {
		return false, err
	}
	// The smallest cells of a resolution have about half the mean area.
	return orbgeo.Area(b)/each > 2*float64(max)+16, nil
}

func cover(b orb.Bound, res int) ([]Cell, error) {
	if b.Min == b.Max {
		return []Cell{CellAt(b.Min, res)}, nil
	}
	loop := h3.GeoLoop{
		{Lat: b.Min[1], Lng: b.Min[0]}, {Lat: b.Min[1], Lng: b.Max[0]},
		{Lat: b.Max[1], Lng: b.Max[0]}, {Lat: b.Max[1], Lng: b.Min[0]},
	}
	found, err := h3.PolygonToCellsExperimental(h3.GeoPolygon{GeoLoop: loop}, res, h3.ContainmentOverlapping)
	return cellsOf(found), err
}
