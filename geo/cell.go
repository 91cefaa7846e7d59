package geo

import (
	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// Cell is one H3 cell: where everything that happens at a place is merged.
type Cell uint64

// BaseResolution is the H3 resolution at which the city merges (average edge
// 201 m, area 0.105 km²); coarser cells are rolled up from it.
const BaseResolution = 9

// CellAt returns the cell of resolution res that holds p (lon, lat degrees).
// It returns 0, which is no cell, for a point that is not on the globe.
func CellAt(p orb.Point, res int) Cell {
	c, err := h3.LatLngToCell(h3.LatLng{Lat: p[1], Lng: p[0]}, res)
	if err != nil {
		return 0
	}
	return Cell(c)
}

// String is the cell's usual hexadecimal form, as h3-js writes it.
func (c Cell) String() string { return h3.Cell(c).String() }
