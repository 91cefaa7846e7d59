package made

import (
	"math"
	"math/rand/v2"
	"strconv"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// water is what streets and houses keep away from.
type water struct {
	f             *frame
	lakes, rivers *geo.Regions
	list          []sheet
}

// sheet is a lake, a stretch of a river, or (with a line only) a canal.
type sheet struct {
	name, nameEn, kind string
	area               orb.Polygon    // lon, lat
	line               orb.LineString // lon, lat
}

// shore is how far from the border a lake keeps, in metres.
const shore = 40

func makeWater(f *frame, p *Plan) (*water, error) {
	w := &water{f: f}
	rng := rand.New(rand.NewPCG(p.Seed, 'w'))
	for _, l := range p.Lakes {
		if r := shape(f, rng, l); len(r) > 0 {
			w.list = append(w.list, sheet{name: l.Name, nameEn: l.NameEn, kind: "lake", area: orb.Polygon{r}})
		}
	}
	for _, r := range p.Rivers {
		for _, run := range runsInside(f, densify(bend(f.flats(r.Way)), 150)) {
			w.list = append(w.list, sheet{name: r.Name, nameEn: r.NameEn, kind: "river", area: orb.Polygon{ribbon(f, run, r.Width)}})
		}
	}
	var err error
	if w.lakes, err = w.tree("lake"); err != nil {
		return nil, err
	}
	w.rivers, err = w.tree("river")
	return w, err
}

// tree is the sheets of one kind, to ask what a point is in.
func (w *water) tree(kind string) (*geo.Regions, error) {
	var list []geo.Region
	for i, s := range w.list {
		if s.kind == kind {
			list = append(list, geo.Region{Code: geo.Code(strconv.Itoa(i)), Geometry: orb.MultiPolygon{s.area}})
		}
	}
	return geo.NewRegions(list)
}

// wet reports whether p (metres) is in water.
func (w *water) wet(p orb.Point) bool {
	_, in := w.rivers.At(w.f.lonLat(p))
	return in || w.lake(p)
}

// lake reports whether p (metres) is in a lake.
func (w *water) lake(p orb.Point) bool {
	_, in := w.lakes.At(w.f.lonLat(p))
	return in
}

// wetBetween looks every 20 m.
func (w *water) wetBetween(a, b orb.Point) bool {
	n := int(distance(a, b)/20) + 1
	for i := range n + 1 {
		if w.wet(between(a, b, float64(i)/float64(n))) {
			return true
		}
	}
	return false
}

// shape is a wavy ellipse, cut off at the border.
func shape(f *frame, rng *rand.Rand, l Lake) orb.Ring {
	const corners = 72
	c := f.flat(l.At)
	if !f.inside(c) {
		return nil
	}
	var wave [5]orb.Point // amplitude, phase
	for i := range wave {
		wave[i] = orb.Point{0.16 * rng.Float64() / float64(i+1), 2 * math.Pi * rng.Float64()}
	}
	ring := make(orb.Ring, 0, corners+1)
	for i := range corners {
		a := 2 * math.Pi * float64(i) / corners
		r := 1.0
		for k, w := range wave {
			r += w[0] * math.Sin(float64(k+2)*a+w[1])
		}
		way := orb.Point{r * l.East * math.Cos(a), r * l.North * math.Sin(a)}
		reach := math.Hypot(way[0], way[1])
		for reach > 0 && !f.inside(orb.Point{c[0] + way[0]*(1+shore/reach), c[1] + way[1]*(1+shore/reach)}) {
			k := max(0, reach-25) / reach
			way[0], way[1] = way[0]*k, way[1]*k
			reach = math.Hypot(way[0], way[1])
		}
		ring = append(ring, f.lonLat(orb.Point{c[0] + way[0], c[1] + way[1]}))
	}
	return append(ring, ring[0])
}

// ribbon is the area within width/2 of a line.
func ribbon(f *frame, line []orb.Point, width float64) orb.Ring {
	side := func(sign float64) (out []orb.Point) {
		for i, p := range line {
			a, b := line[max(0, i-1)], line[min(len(line)-1, i+1)]
			d := distance(a, b)
			k := sign * width / 2 / d
			out = append(out, orb.Point{p[0] - (b[1]-a[1])*k, p[1] + (b[0]-a[0])*k})
		}
		return out
	}
	ring := side(-1)
	back := side(1)
	for i := len(back) - 1; i >= 0; i-- {
		ring = append(ring, back[i])
	}
	ring = append(ring, ring[0])
	return f.lonLats(ring)
}

// canals are short straight ditches between the fields, some hundred metres
// apart, as this land has them everywhere outside of the towns.
func canals(f *frame, w *water, rng *rand.Rand, built func(orb.Point) bool, n int) (list []sheet) {
	for len(list) < n {
		b := f.bound
		at := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
		a := (rng.Float64() - 0.5) * 0.3
		if rng.IntN(2) == 0 {
			a += math.Pi / 2
		}
		long := 600 + 1800*rng.Float64()
		var line []orb.Point
		for t := -long / 2; t <= long/2; t += 100 {
			sway := 25 * math.Sin(t/300+at[0])
			p := orb.Point{at[0] + t*math.Cos(a) - sway*math.Sin(a), at[1] + t*math.Sin(a) + sway*math.Cos(a)}
			if !f.inside(p) || w.wet(p) || built(p) {
				break
			}
			line = append(line, p)
		}
		if len(line) > 4 {
			list = append(list, sheet{kind: "canal", line: f.lonLats(line)})
		}
	}
	return list
}
