package made

import (
	"math"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// frame is a flat map of the city in metres, x to the east and y to the north
// from the middle of the border, with the border to ask about. On 50 km the
// flat map is wrong by less than the areas are rough.
type frame struct {
	origin         orb.Point
	perLon, perLat float64
	border         *geo.Regions
	bound          orb.Bound // in metres
}

func newFrame(border orb.Ring) (*frame, error) {
	area, err := geo.NewRegions([]geo.Region{{Code: "city", Geometry: orb.MultiPolygon{{border}}}})
	if err != nil {
		return nil, err
	}
	b := border.Bound()
	f := &frame{origin: b.Center(), border: area}
	rad := math.Pi / 180
	f.perLat = 6371008.8 * rad
	f.perLon = f.perLat * math.Cos(f.origin[1]*rad)
	f.bound = orb.Bound{Min: f.flat(b.Min), Max: f.flat(b.Max)}
	return f, nil
}

func (f *frame) flat(p orb.Point) orb.Point {
	return orb.Point{(p[0] - f.origin[0]) * f.perLon, (p[1] - f.origin[1]) * f.perLat}
}

// lonLat is rounded to 1e-7°, so that equal places stay equal on the wire.
func (f *frame) lonLat(p orb.Point) orb.Point {
	return orb.Point{round7(p[0]/f.perLon + f.origin[0]), round7(p[1]/f.perLat + f.origin[1])}
}

func (f *frame) lonLats(ps []orb.Point) []orb.Point {
	out := make([]orb.Point, len(ps))
	for i, p := range ps {
		out[i] = f.lonLat(p)
	}
	return out
}

func round7(v float64) float64 { return math.Round(v*1e7) / 1e7 }

// inside reports whether p (metres) is in the city.
func (f *frame) inside(p orb.Point) bool {
	_, in := f.border.At(f.lonLat(p))
	return in
}

func distance(a, b orb.Point) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

func square(a, b orb.Point) float64 {
	dx, dy := a[0]-b[0], a[1]-b[1]
	return dx*dx + dy*dy
}

func between(a, b orb.Point, t float64) orb.Point {
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
}

// toSegment is the distance from p to the segment a–b.
func toSegment(p, a, b orb.Point) float64 {
	d := square(a, b)
	if d == 0 {
		return distance(p, a)
	}
	t := ((p[0]-a[0])*(b[0]-a[0]) + (p[1]-a[1])*(b[1]-a[1])) / d
	return distance(p, between(a, b, max(0, min(1, t))))
}
