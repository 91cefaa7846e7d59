package tiles

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"onecity/geo"

	"github.com/paulmach/orb/encoding/mvt/vectortile"
)

// rings reads the command integers of a polygon by the letter of MVT 2.1 §4.3
// and fails on anything the standard forbids.
func rings(f *vectortile.Tile_Feature, window box) ([][]pt, error) {
	var all [][]pt
	var now []pt
	cursor := pt{}
	g := f.Geometry
	next := func() int32 {
		v := g[0]
		g = g[1:]
		return int32(v>>1) ^ -int32(v&1)
	}
	for len(g) > 0 {
		id, n := g[0]&7, int(g[0]>>3)
		g = g[1:]
		switch {
		case id == closePath && n == 1 && len(now) >= 3:
			all = append(all, now)
			now = nil
		case id == moveTo && n == 1 && now == nil || id == lineTo && n >= 2 && len(now) == 1:
			for range n {
				d := pt{next(), next()}
				if id == lineTo && d == (pt{}) {
					return nil, fmt.Errorf("a step that goes nowhere")
				}
				cursor = pt{cursor.X + d.X, cursor.Y + d.Y}
				if !window.holds(cursor) {
					return nil, fmt.Errorf("%v is outside %v", cursor, window)
				}
				now = append(now, cursor)
			}
		default:
			return nil, fmt.Errorf("command %d × %d after %d points", id, n, len(now))
		}
	}
	if now != nil {
		return nil, fmt.Errorf("a ring is not closed")
	}
	if len(all) == 0 || area2(all[0]) <= 0 {
		return nil, fmt.Errorf("the first ring is no exterior ring: area %d", area2(all[0]))
	}
	for _, r := range all {
		if area2(r) == 0 || r[0] == r[len(r)-1] {
			return nil, fmt.Errorf("ring %v encloses nothing, or repeats its first point", r)
		}
	}
	return all, nil
}

// lines reads the command integers of a line by the letter of MVT 2.1 §4.3.4.3.
func lines(f *vectortile.Tile_Feature, window box) error {
	g := f.Geometry
	cursor := pt{}
	next := func() (d pt) {
		d = pt{int32(g[0]>>1) ^ -int32(g[0]&1), int32(g[1]>>1) ^ -int32(g[1]&1)}
		g = g[2:]
		cursor = pt{cursor.X + d.X, cursor.Y + d.Y}
		return d
	}
	for len(g) > 0 {
		if g[0] != moveTo|1<<3 {
			return fmt.Errorf("command %d where a line begins", g[0])
		}
		g = g[1:]
		next()
		id, n := g[0]&7, int(g[0]>>3)
		if id != lineTo || n < 1 {
			return fmt.Errorf("command %d × %d in a line", id, n)
		}
		g = g[1:]
		if !window.holds(cursor) {
			return fmt.Errorf("%v is outside %v", cursor, window)
		}
		for range n {
			if d := next(); d == (pt{}) {
				return fmt.Errorf("a step that goes nowhere")
			}
			if !window.holds(cursor) {
				return fmt.Errorf("%v is outside %v", cursor, window)
			}
		}
	}
	return nil
}

func TestALineThatComesBackIsNotAPoint(t *testing.T) {
	tile := TileAt(centre, 10)
	f := tile.frame()
	x, y := f.world(100, 100)
	far, _ := f.world(1000, 100)
	near, _ := f.world(103, 100)
	for _, out := range []uint32{far, near} {
		data := drawn(tile, &Spec{Tolerance: []Step{{0, 4}}}, func(e *encoder) {
			if e.path([]geo.WorldPoint{{X: x, Y: y}, {X: out, Y: y}, {X: x, Y: y}}); e.shown() {
				e.feature(1, typeLine)
			}
		})
		if (len(data) > 0) != (out == far) {
			t.Errorf("there and back over %d world units: %d bytes", out-x, len(data))
		}
		if len(data) > 0 {
			if err := lines(decoded(t, data).Layers[0].Features[0], tileBox(0)); err != nil {
				t.Error(err)
			}
		}
	}
}

// star is a ring around a place, far more wrinkled than a city's.
func star(rng *rand.Rand, c geo.WorldPoint, radius float64, n int) []geo.WorldPoint {
	ws := make([]geo.WorldPoint, n)
	for i := range ws {
		a := 2 * math.Pi * float64(i) / float64(n)
		r := radius * (0.3 + 0.7*rng.Float64())
		ws[i] = geo.WorldPoint{X: uint32(float64(c.X) + r*math.Cos(a)), Y: uint32(float64(c.Y) + r*math.Sin(a))}
	}
	return ws
}

func backwards(ws []geo.WorldPoint) []geo.WorldPoint {
	out := make([]geo.WorldPoint, len(ws))
	for i, w := range ws {
		out[len(ws)-1-i] = w
	}
	return out
}

// scaled is ws drawn towards c.
func scaled(ws []geo.WorldPoint, c geo.WorldPoint, by float64) []geo.WorldPoint {
	out := make([]geo.WorldPoint, len(ws))
	for i, w := range ws {
		out[i] = geo.WorldPoint{
			X: uint32(float64(c.X) + by*(float64(w.X)-float64(c.X))),
			Y: uint32(float64(c.Y) + by*(float64(w.Y)-float64(c.Y))),
		}
	}
	return out
}

func TestEveryPolygonIsValidWhateverItsOrderAndWhereverItIsCut(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	spec := &Spec{Buffer: 64, Tolerance: lineTolerance, MinArea: tinyRings}
	drawnPolygons, holes := 0, 0
	for range 4000 {
		z := uint8(8 + rng.IntN(11))
		tile := Tile{z, 1<<z - 1 - uint32(rng.IntN(1<<z-1)), 1<<z - 1 - uint32(rng.IntN(1<<z-1))}
		f := tile.frame()
		side := float64(int64(Extent) << f.shift)
		c := geo.WorldPoint{X: uint32(float64(f.x) + side*rng.Float64()), Y: uint32(float64(f.y) + side*rng.Float64())}
		radius := side * math.Pow(10, -3+3*rng.Float64())
		if float64(c.X) < radius || float64(c.Y) < radius || float64(c.X)+radius > 1<<32-1 || float64(c.Y)+radius > 1<<32-1 {
			continue
		}
		outer := star(rng, c, radius, 3+rng.IntN(60))
		inner := scaled(outer, c, 0.5)
		if rng.IntN(2) == 0 {
			outer = backwards(outer)
		}
		if rng.IntN(2) == 0 {
			outer = append(outer, outer[0])
		}
		data := drawn(tile, spec, func(e *encoder) {
			e.ring(outer, true)
			e.ring(inner, false)
			if e.shown() {
				e.feature(1, typePolygon)
			}
		})
		if len(data) == 0 {
			continue
		}
		rs, err := rings(decoded(t, data).Layers[0].Features[0], tileBox(64))
		if err != nil {
			t.Fatalf("tile %v: %v", tile, err)
		}
		for _, hole := range rs[1:] {
			holes++
			if area2(hole) >= 0 {
				t.Fatalf("tile %v: a hole goes round like an exterior ring", tile)
			}
		}
		drawnPolygons++
	}
	if drawnPolygons < 1000 || holes < 500 {
		t.Fatalf("only %d polygons and %d holes were drawn: the test looks at too little", drawnPolygons, holes)
	}
}

func TestClippingKeepsExactlyTheAreaInsideTheBox(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	b := tileBox(64)
	for range 500 {
		// A rectangle's common area with the box is known without clipping.
		x0, y0 := int32(rng.IntN(8000)-2000), int32(rng.IntN(8000)-2000)
		x1, y1 := x0+1+int32(rng.IntN(6000)), y0+1+int32(rng.IntN(6000))
		ps, _, _ := clipRing([]pt{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, b, nil, nil)
		w := int64(min(x1, b.maxX)) - int64(max(x0, b.minX))
		h := int64(min(y1, b.maxY)) - int64(max(y0, b.minY))
		want := 2 * max(0, w) * max(0, h)
		if got := area2(tidy(ps)); got != want {
			t.Fatalf("area of (%d,%d)–(%d,%d) in the box is %d, want %d", x0, y0, x1, y1, got, want)
		}
	}
}

func TestALineKeepsItsLengthInsideTheBoxAndNothingElse(t *testing.T) {
	b := tileBox(0)
	cases := []struct {
		name string
		line []pt
		want [][]pt
	}{
		{"inside", []pt{{1, 1}, {5, 9}}, [][]pt{{{1, 1}, {5, 9}}}},
		{"through", []pt{{-100, 50}, {5000, 50}}, [][]pt{{{0, 50}, {4096, 50}}}},
		{"out and in again", []pt{{10, 10}, {-10, 10}, {-10, 20}, {10, 20}}, [][]pt{{{10, 10}, {0, 10}}, {{0, 20}, {10, 20}}}},
		{"along the edge", []pt{{0, 0}, {0, 4096}}, [][]pt{{{0, 0}, {0, 4096}}}},
		{"past a corner", []pt{{-10, 5}, {5, -10}}, nil},
		{"touching a corner", []pt{{-10, 10}, {10, -10}}, nil},
		{"outside", []pt{{-10, -10}, {-20, 5000}}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got [][]pt
			clipLine(c.line, b, nil, func(ps []pt) { got = append(got, append([]pt(nil), ps...)) })
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// segmentDistance2 is the square of the distance from p to the segment a–b.
func segmentDistance2(p, a, b pt) float64 {
	dx, dy := float64(b.X)-float64(a.X), float64(b.Y)-float64(a.Y)
	px, py := float64(p.X)-float64(a.X), float64(p.Y)-float64(a.Y)
	if length2 := dx*dx + dy*dy; length2 > 0 {
		t := max(0, min(1, (px*dx+py*dy)/length2))
		px, py = px-t*dx, py-t*dy
	}
	return px*px + py*py
}

func TestASimplifiedLineIsNowhereFurtherThanItsTolerance(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var s simplifier
	for range 200 {
		ps := make([]pt, 200)
		y := 0.0
		for i := range ps {
			y += rng.Float64()*8 - 4
			ps[i] = pt{int32(i * 3), int32(y)}
		}
		thin := s.line(append([]pt(nil), ps...), 4)
		if len(thin) >= len(ps) || thin[0] != ps[0] || thin[len(thin)-1] != ps[len(ps)-1] {
			t.Fatalf("%d of %d points are left, from %v to %v", len(thin), len(ps), thin[0], thin[len(thin)-1])
		}
		for _, p := range ps {
			nearest := math.Inf(1)
			for i := 1; i < len(thin); i++ {
				nearest = min(nearest, segmentDistance2(p, thin[i-1], thin[i]))
			}
			if nearest > 16 {
				t.Fatalf("%v is %.1f units from the line", p, math.Sqrt(nearest))
			}
		}
	}
}

func FuzzAnyGeometryIsDrawnValidOrNotAtAll(f *testing.F) {
	f.Add([]byte{0, 0, 255, 0, 255, 255, 0, 255}, uint8(14))
	f.Add([]byte{1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 200, 1, 100, 100}, uint8(16))
	f.Add([]byte{0, 0, 0, 0, 128, 0, 128, 128, 128, 0, 0, 0}, uint8(10))
	f.Fuzz(func(t *testing.T, data []byte, z uint8) {
		tile := Tile{Z: z % (MaxZoom + 1)}
		tile.X, tile.Y = 1<<tile.Z/2, 1<<tile.Z/3
		fr := tile.frame()
		var ws []geo.WorldPoint
		for i := 0; i+1 < len(data); i += 2 { // steps of 1/64 tile from a tile west to three tiles east
			x := fr.x + (int64(data[i])-64)<<(fr.shift+6)
			y := fr.y + (int64(data[i+1])-64)<<(fr.shift+6) + int64(data[i])
			ws = append(ws, geo.WorldPoint{X: uint32(max(0, x)), Y: uint32(max(0, y))})
		}
		spec := &Spec{Buffer: 64, Tolerance: lineTolerance}
		out := drawn(tile, spec, func(e *encoder) {
			if e.ring(ws, true); e.shown() {
				e.feature(1, typePolygon)
			}
			e.clear()
			if e.path(ws); e.shown() {
				e.feature(2, typeLine)
			}
		})
		if len(out) == 0 {
			return
		}
		for _, feature := range decoded(t, out).Layers[0].Features {
			var err error
			if feature.GetType() == vectortile.Tile_POLYGON {
				_, err = rings(feature, tileBox(64))
			} else {
				err = lines(feature, tileBox(64))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
