package geo

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func TestValidateNamesWhatIsWrongAndWhere(t *testing.T) {
	bowtie := orb.Polygon{{{120, 31}, {121, 32}, {121, 31}, {120, 32}, {120, 31}}}
	holeOut := append(rect(0, 0, 2, 2), rect(1, 1, 3, 1.5)[0])
	for _, c := range []struct {
		name string
		g    orb.Geometry
		want error
		text string
	}{
		{"nothing", nil, ErrEmpty, ""},
		{"a point", orb.Point{1, 2}, nil, ""},
		{"NaN", orb.Point{math.NaN(), 2}, ErrNotFinite, "NaN"},
		{"infinity", orb.LineString{{1, 1}, {1, math.Inf(-1)}}, ErrNotFinite, "point 1"},
		{"off the globe", orb.MultiPoint{{1, 91}}, ErrOffGlobe, "(1 91)"},
		{"metres for degrees", orb.Point{590991, 3474144}, ErrOffGlobe, "lon -180…180"},
		{"a short line", orb.LineString{{1, 1}}, ErrTooFewPoints, "a line needs 2"},
		{"an empty collection", orb.Collection{}, ErrEmpty, ""},
		{"in a collection", orb.Collection{orb.Point{1, 1}, bowtie}, ErrSelfCrossing, "geometry 1"},
		{"a rectangle", rect(0, 0, 1, 1), nil, ""},
		{"an open ring", orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 1}}, ErrUnclosed, "ends at (0 1)"},
		{"a bow tie", bowtie, ErrSelfCrossing, "at (120.5 31.5)"},
		{"a hole that leaves", holeOut, ErrSelfCrossing, "ring 0 crosses ring 1 at (2 1)"},
		{"the second of several", orb.MultiPolygon{rect(0, 0, 1, 1), bowtie}, ErrSelfCrossing, "polygon 1"},
		{"touching at a corner", orb.Ring{{0, 0}, {2, 0}, {1, 1}, {2, 2}, {0, 2}, {1, 1}, {0, 0}}, nil, ""},
		{"a doubled point", orb.Ring{{0, 0}, {1, 0}, {1, 0}, {1, 1}, {0, 0}}, nil, ""},
		{"a crossing line", orb.LineString{{0, 0}, {1, 1}, {1, 0}, {0, 1}}, nil, ""},
		{"no ring", orb.Polygon{}, ErrEmpty, ""},
		{"a bound", orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{2, 2}}, nil, ""},
	} {
		err := Validate(c.g)
		if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %v with %q", c.name, err, c.want, c.text)
		}
	}
}

func TestASelfCrossingIsFoundAmongManyEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	r := star(rng, orb.Point{121, 31}, 20_000, 0.2, 0.3)
	if err := Validate(r); err != nil {
		t.Fatalf("a star: %v", err)
	}
	r[5000], r[15000] = r[15000], r[5000]
	if err := Validate(r); !errors.Is(err, ErrSelfCrossing) {
		t.Fatalf("two corners exchanged: %v", err)
	}
}

// A comb of long slanting teeth makes every edge's rectangle touch every other's.
func TestAShapeMadeToCostTimeIsGivenUp(t *testing.T) {
	const teeth = 20_000
	var r orb.Ring
	for i := range teeth {
		x := float64(i) * 1e-4
		r = append(r, orb.Point{x, x}, orb.Point{x + 50, x - 50})
	}
	r = append(r, orb.Point{60, -60}, orb.Point{-1, -60}, r[0])
	if err := Validate(r); !errors.Is(err, ErrTooIntricate) {
		t.Fatalf("got %v", err)
	}
}

func FuzzValidateAndPrepareTakeAnyRing(f *testing.F) {
	pack := func(r orb.Ring) (b []byte) {
		for _, p := range r {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[0]))
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[1]))
		}
		return b
	}
	f.Add(pack(rect(120, 31, 121, 32)[0]), 120.5, 31.5)
	f.Add(pack(orb.Ring{{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}}), 0.5, 0.5)
	f.Add(pack(orb.Ring{{0, 0}, {1e-300, 1e-308}, {math.NaN(), 1}, {0, 0}}), 0.0, 0.0)
	f.Fuzz(func(t *testing.T, b []byte, x, y float64) {
		var r orb.Ring
		for ; len(b) >= 16; b = b[16:] {
			r = append(r, orb.Point{
				math.Float64frombits(binary.LittleEndian.Uint64(b)),
				math.Float64frombits(binary.LittleEndian.Uint64(b[8:])),
			})
		}
		if err := Validate(r); err != nil {
			return
		}
		tree, err := NewRegions([]Region{{Code: "1", Geometry: orb.MultiPolygon{{r}}}})
		if err != nil {
			t.Fatalf("valid, and yet: %v", err)
		}
		if got, ok := tree.At(orb.Point{x, y}); ok && !got.Geometry.Bound().Contains(orb.Point{x, y}) {
			t.Fatalf("(%v %v) is outside of the bound of %v", x, y, r)
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	p := border1200()
	b.ReportAllocs()
	for b.Loop() {
		if err := Validate(p); err != nil {
			b.Fatal(err)
		}
	}
}
