package tiles

import (
	"errors"
	"fmt"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// Extent is the width and height of a tile in tile units (MVT 2.1 §4.1).
const Extent = 4096

// MaxZoom is the deepest zoom served; deeper ones are drawn from it by the
// map (overzoom). At zoom 18 a tile unit is 3.6 cm at the equator.
const MaxZoom = 18

// Tile is the address of one tile of the Web Mercator pyramid, y to the south
// (XYZ, not TMS).
type Tile struct {
	Z    uint8
	X, Y uint32
}

// ErrNoTile says that z, x, y name no tile.
var ErrNoTile = errors.New("no such tile")

// Check fails with ErrNoTile when the address is outside the pyramid.
func (t Tile) Check() error {
	if t.Z > MaxZoom {
		return fmt.Errorf("%w: zoom %d is deeper than %d", ErrNoTile, t.Z, MaxZoom)
	}
	if n := uint32(1) << t.Z; t.X >= n || t.Y >= n {
		return fmt.Errorf("%w: x %d, y %d at zoom %d: both must be below %d", ErrNoTile, t.X, t.Y, t.Z, n)
	}
	return nil
}

// String is z/x/y.
func (t Tile) String() string { return fmt.Sprintf("%d/%d/%d", t.Z, t.X, t.Y) }

// TileAt is the tile of zoom z that holds p (lon, lat).
func TileAt(p orb.Point, z uint8) Tile {
	w := geo.Project(p)
	return Tile{Z: z, X: uint32(uint64(w.X) >> (32 - z)), Y: uint32(uint64(w.Y) >> (32 - z))}
}

// Bound is the tile's box in lon, lat degrees, grown by buffer tile units.
func (t Tile) Bound(buffer int32) orb.Bound {
	w := t.world(buffer)
	nw, se := geo.Unproject(w.Min), geo.Unproject(w.Max)
	return orb.Bound{Min: orb.Point{nw[0], se[1]}, Max: orb.Point{se[0], nw[1]}}
}

// world is the tile's box in world units, grown by buffer tile units. Without a
// buffer its far edges are the neighbours' and not in it.
func (t Tile) world(buffer int32) (b cim.WorldBound) {
	f := t.frame()
	b.Min.X, b.Min.Y = f.world(-buffer, -buffer)
	if buffer == 0 {
		last := uint32(1)<<(32-t.Z) - 1 // all ones at zoom 0, too
		b.Max.X, b.Max.Y = b.Min.X+last, b.Min.Y+last
		return b
	}
	b.Max.X, b.Max.Y = f.world(Extent+buffer, Extent+buffer)
	return b
}

// frame turns world units into the tile units of one tile. Both steps are
// whole numbers, and every coordinate is rounded down: neighbours agree on
// every vertex, and a point is in [0, Extent) of exactly one tile.
type frame struct {
	x, y  int64 // north-west corner, world units
	shift uint  // log2 of world units per tile unit
}

func (t Tile) frame() frame {
	side := 32 - uint(t.Z)
	return frame{x: int64(t.X) << side, y: int64(t.Y) << side, shift: side - 12}
}

func (f frame) tile(w geo.WorldPoint) pt {
	return pt{int32((int64(w.X) - f.x) >> f.shift), int32((int64(w.Y) - f.y) >> f.shift)}
}

// world is the inverse of tile, clamped to the world's square.
func (f frame) world(x, y int32) (wx, wy uint32) {
	clamp := func(v int64) uint32 { return uint32(max(0, min(1<<32-1, v))) }
	return clamp(f.x + int64(x)<<f.shift), clamp(f.y + int64(y)<<f.shift)
}

// pt is a place in tile units, x to the east, y to the south.
type pt struct{ X, Y int32 }
