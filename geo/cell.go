package geo

import (
	"fmt"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// Cell is one H3 cell: where everything that happens at a place is merged. The
// zero value is no cell. In JSON and URLs it is hexadecimal, as h3-js has it.
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

// ParseCell is the inverse of String; it fails on what is no H3 cell.
func ParseCell(s string) (Cell, error) {
	v, err := strconv.ParseUint(s, 16, 64)
	if c := Cell(v); err == nil && c.Valid() {
		return c, nil
	}
	return 0, fmt.Errorf("%q is not an H3 cell; expected 15 hexadecimal digits such as 89309866b43ffff", s)
}

// MarshalText and UnmarshalText put the hexadecimal form into JSON, no cell as "".
func (c Cell) MarshalText() ([]byte, error) {
	if c == 0 {
		return nil, nil
	}
	return []byte(c.String()), nil
}

// UnmarshalText fails on what is no H3 cell.
func (c *Cell) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*c = 0
		return nil
	}
	*c, err = ParseCell(string(b))
	return err
}

// Valid reports whether c is a cell of the H3 grid.
func (c Cell) Valid() bool { return h3.Cell(c).IsValid() }

// Resolution is 0 (coarsest) to 15.
func (c Cell) Resolution() int { return int(c >> 52 & 0xf) }

// Parent is the cell of the coarser resolution res that c is counted in: c
// itself at its own resolution, 0 when res is finer than c's or below 0.
//
// An H3 index holds one octal digit a resolution, so the parent is c with the
// digits below res set to 7 (H3 index, "Cell mode"); it is done here in place
// because a call into C costs a hundred times more.
func (c Cell) Parent(res int) Cell {
	from := c.Resolution()
	if c == 0 || res > from || res < 0 {
		return 0
	}
	unused := Cell(1)<<(3*(15-res)) - 1
	return c&^(0xf<<52) | Cell(res)<<52 | unused
}

// Children are the cells of the finer resolution res inside c: 7 a step (6 in
// a pentagon); nil when res is coarser than c's, over 15, or more than 5 steps
// away (16,807 cells).
func (c Cell) Children(res int) []Cell {
	if !c.Valid() || res-c.Resolution() > 5 {
		return nil
	}
	cs, err := h3.Cell(c).Children(res)
	if err != nil {
		return nil
	}
	return cellsOf(cs)
}

// Centre is the cell's centre, lon, lat; the zero point for no cell.
func (c Cell) Centre() orb.Point {
	ll, err := h3.Cell(c).LatLng()
	if err != nil || !c.Valid() {
		return orb.Point{}
	}
	return orb.Point{ll.Lng, ll.Lat}
}

// Boundary is the closed ring around the cell, counter-clockwise, lon, lat; nil
// for no cell. At the antimeridian longitudes jump from 180 to −180.
func (c Cell) Boundary() orb.Ring {
	b, err := h3.Cell(c).Boundary()
	if err != nil || !c.Valid() {
		return nil
	}
	r := make(orb.Ring, 0, len(b)+1)
	for _, ll := range b {
		r = append(r, orb.Point{ll.Lng, ll.Lat})
	}
	return append(r, r[0])
}

// Area is the cell's in square metres, on the sphere; 0 for no cell.
func (c Cell) Area() float64 {
	a, err := h3.CellAreaM2(h3.Cell(c))
	if err != nil || !c.Valid() {
		return 0
	}
	return a
}

func cellsOf(hs []h3.Cell) []Cell {
	cs := make([]Cell, len(hs))
	for i, h := range hs {
		cs[i] = Cell(h)
	}
	return cs
}
