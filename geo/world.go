package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// WorldPoint is a place on Web Mercator (EPSG:3857) in fixed point: the whole
// world is 2³² units wide (0.9 cm at the equator), x to the east, y to the
// south, origin at the north-west corner, as tiles count.
type WorldPoint struct{ X, Y uint32 }

// maxMercatorLat is where Web Mercator is cut so that the world is a square.
const maxMercatorLat = 85.0511287798066

// Project puts a lon, lat point into world units. Latitudes beyond ±85.05° are
// clamped.
func Project(p orb.Point) WorldPoint {
	lat := max(-maxMercatorLat, min(maxMercatorLat, p[1]))
	s := math.Sin(lat * math.Pi / 180)
	x := (p[0] + 180) / 360
	y := 0.5 - math.Log((1+s)/(1-s))/(4*math.Pi)
	return WorldPoint{fixed(x), fixed(y)}
}

// Unproject is the inverse of Project, to within half a unit.
func Unproject(w WorldPoint) orb.Point {
	x := float64(w.X) / (1 << 32)
	y := float64(w.Y) / (1 << 32)
	return orb.Point{x*360 - 180, math.Atan(math.Sinh(math.Pi*(1-2*y))) * 180 / math.Pi}
}

func fixed(v float64) uint32 {
	v = math.Round(v * (1 << 32))
	return uint32(max(0, min(math.MaxUint32, v)))
}
