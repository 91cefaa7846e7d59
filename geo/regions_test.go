package geo

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

func rect(w, s, e, n float64) orb.Polygon {
	return orb.Polygon{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}
}

// star is a wild but simple polygon of n corners about c.
func star(rng *rand.Rand, c orb.Point, n int, inner, outer float64) orb.Ring {
	r := make(orb.Ring, 0, n+1)
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		d := inner + rng.Float64()*(outer-inner)
		r = append(r, orb.Point{c[0] + d*math.Cos(a), c[1] + d*math.Sin(a)})
	}
	return append(r, r[0])
}

func TestTheTreeIsReadByCodeAndByParent(t *testing.T) {
	tree, err := NewRegions([]Region{
		{Code: "320583101", Name: "巴城镇", Level: LevelDistrict, Parent: "320583"},
		{Code: "320583", Name: "昆山市", Level: LevelCity, Geometry: orb.MultiPolygon{rect(0, 0, 2, 2)}},
		{Code: "320583100", Name: "玉山镇", Level: LevelDistrict, Parent: "320583"},
		{Code: "320583100001", Name: "社区", Level: LevelVillage, Parent: "320583100"},
	})
	if err != nil {
		t.Fatal(err)
	}
	codes := func(rs []*Region) (s string) {
		for _, r := range rs {
			s += string(r.Code) + " "
		}
		return s
	}
	if got := codes(tree.All()); got != "320583 320583100 320583100001 320583101 " {
		t.Errorf("all: %s", got)
	}
	if got := codes(tree.Children("320583")); got != "320583100 320583101 " {
		t.Errorf("children: %s", got)
	}
	if got := codes(tree.Roots()); got != "320583 " {
		t.Errorf("roots: %s", got)
	}
	if r, ok := tree.Get("320583"); !ok || r.Centre != (orb.Point{1, 1}) || tree.Len() != 4 {
		t.Errorf("city: %+v, %v, %d regions", r, ok, tree.Len())
	}
	if got := tree.Bound(); got != rect(0, 0, 2, 2).Bound() {
		t.Errorf("bound: %v", got)
	}
}

func TestTheEmptyTreeAndNilAnswerEveryQuestion(t *testing.T) {
	for name, tree := range map[string]*Regions{"zero": {}, "nil": nil} {
		if _, ok := tree.Get("1"); ok || tree.Len() != 0 || tree.Roots() != nil || tree.Children("1") != nil || !tree.Bound().IsEmpty() {
			t.Errorf("%s is not empty", name)
		}
		if _, ok := tree.At(orb.Point{}); ok {
			t.Errorf("%s: a region was found", name)
		}
	}
}

func TestWrongRegionsAreRefusedByName(t *testing.T) {
	city := Region{Code: "32", Name: "城", Level: LevelCity}
	for _, c := range []struct {
		name string
		bad  Region
		want string
	}{
		{"no code", Region{Name: "某镇"}, `"某镇" has no code`},
		{"code twice", Region{Code: "32", Name: "又"}, "code 32 is given twice"},
		{"parent missing", Region{Code: "3201", Parent: "33"}, "parent 33 is not in the list"},
		{"own parent", Region{Code: "3201", Parent: "3201"}, "does not start with"},
		{"prefix rule", Region{Code: "3301", Parent: "32"}, "does not start with its parent's, 32"},
		{"level", Region{Code: "3201", Parent: "32", Level: LevelCity}, "level city is not below"},
		{"open ring", Region{Code: "3201", Parent: "32", Geometry: orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}}, "not closed"},
		{"short ring", Region{Code: "3201", Parent: "32", Geometry: orb.MultiPolygon{{{{0, 0}, {1, 0}, {0, 0}}}}}, "too few points"},
		{"no ring", Region{Code: "3201", Parent: "32", Geometry: orb.MultiPolygon{{}}}, "no ring"},
		{"NaN", Region{Code: "3201", Parent: "32", Geometry: orb.MultiPolygon{{{{0, 0}, {1, math.NaN()}, {1, 1}, {0, 0}}}}}, "not a finite number"},
		{"off the globe", Region{Code: "3201", Parent: "32", Geometry: orb.MultiPolygon{{{{0, 0}, {200, 0}, {1, 1}, {0, 0}}}}}, "not on the globe"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewRegions([]Region{city, c.bad})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestAtFallsBackToTheLevelAbove(t *testing.T) {
	hole := rect(0, 0, 10, 10)
	hole = append(hole, rect(4, 4, 6, 6)[0])
	tree, err := NewRegions([]Region{
		{Code: "1", Geometry: orb.MultiPolygon{rect(0, 0, 20, 10)}},
		{Code: "11", Parent: "1", Geometry: orb.MultiPolygon{hole}},
		{Code: "111", Parent: "11", Geometry: orb.MultiPolygon{rect(0, 0, 1, 1), rect(3, 0, 4, 1)}},
		{Code: "112", Parent: "11"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   orb.Point
		want Code
	}{
		{orb.Point{0.5, 0.5}, "111"}, {orb.Point{3.5, 0.5}, "111"}, {orb.Point{2, 0.5}, "11"},
		{orb.Point{5, 5}, "1"}, {orb.Point{15, 5}, "1"}, {orb.Point{25, 5}, ""},
		{orb.Point{math.NaN(), 5}, ""}, {orb.Point{math.Inf(1), 5}, ""},
	} {
		var got Code
		if r, ok := tree.At(c.at); ok {
			got = r.Code
		}
		if got != c.want {
			t.Errorf("%v is in %q, want %q", c.at, got, c.want)
		}
	}
}

// mesh is a city of n × n towns whose shared corners are shaken, so that they
// tile it with crooked borders; made the same way every time.
func mesh(n int, seed uint64) ([]Region, []orb.Point) {
	rng := rand.New(rand.NewPCG(seed, 1))
	var corners []orb.Point
	at := func(i, j int) orb.Point { return corners[i*(n+1)+j] }
	for i := range n + 1 {
		for j := range n + 1 {
			p := orb.Point{120 + float64(i), 31 + float64(j)}
			if i > 0 && i < n {
				p[0] += rng.Float64()*0.8 - 0.4
			}
			if j > 0 && j < n {
				p[1] += rng.Float64()*0.8 - 0.4
			}
			corners = append(corners, p)
		}
	}
	list := []Region{{Code: "3", Geometry: orb.MultiPolygon{rect(120, 31, 120+float64(n), 31+float64(n))}}}
	for i := range n {
		for j := range n {
			ring := orb.Ring{at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1), at(i, j)}
			if rng.IntN(2) == 0 {
				ring.Reverse()
			}
			list = append(list, Region{Code: Code("3" + string(rune('a'+i)) + string(rune('a'+j))), Parent: "3", Geometry: orb.MultiPolygon{{ring}}})
		}
	}
	return list, corners
}

func TestEveryPointOfATiledCityBelongsToExactlyOneTown(t *testing.T) {
	const n = 8
	list, corners := mesh(n, 7)
	tree, err := NewRegions(list)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	var points []orb.Point
	for i := range 20000 {
		p := orb.Point{120 + rng.Float64()*n, 31 + rng.Float64()*n}
		if i%3 == 0 { // on a border, as near as floating point comes
			a, b := corners[rng.IntN(len(corners))], corners[rng.IntN(len(corners))]
			f := rng.Float64()
			p = orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
		}
		points = append(points, p)
	}
	for _, c := range corners {
		if c[0] > 120 && c[0] < 120+n && c[1] > 31 && c[1] < 31+n {
			points = append(points, c)
		}
	}
	for _, p := range points {
		owners := 0
		for _, r := range tree.Children("3") {
			q := prepare(r.Geometry[0])
			if q.holds(p) {
				owners++
			}
		}
		inside := p[0] >= 120 && p[0] < 120+n && p[1] >= 31 && p[1] < 31+n
		if inside && owners != 1 {
			t.Fatalf("%v has %d owners", p, owners)
		}
	}
}

func TestHoldsAgreesWithOrbsPolygonContains(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	for range 60 {
		c := orb.Point{120.9, 31.3}
		p := orb.Polygon{star(rng, c, 3+rng.IntN(900), 0.2, 0.4)}
		if rng.IntN(2) == 0 {
			hole := star(rng, c, 3+rng.IntN(40), 0.02, 0.1)
			hole.Reverse()
			p = append(p, hole)
		}
		q := prepare(p)
		for range 400 {
			at := orb.Point{c[0] + rng.Float64() - 0.5, c[1] + rng.Float64() - 0.5}
			if got, want := q.holds(at), planar.PolygonContains(p, at); got != want {
				t.Fatalf("%d corners, %v: %v, orb says %v", len(p[0]), at, got, want)
			}
		}
		for _, at := range p[0] { // never panics, whichever way it decides
			q.holds(at)
		}
	}
}

func TestOverlappingSiblingsAnswerByTheLowerCode(t *testing.T) {
	list := []Region{
		{Code: "1b", Geometry: orb.MultiPolygon{rect(0, 0, 2, 2)}},
		{Code: "1a", Geometry: orb.MultiPolygon{rect(1, 0, 3, 2)}},
	}
	for range 2 {
		tree, err := NewRegions(list)
		if err != nil {
			t.Fatal(err)
		}
		if r, ok := tree.At(orb.Point{1.5, 1}); !ok || r.Code != "1a" {
			t.Errorf("got %v", r)
		}
		list[0], list[1] = list[1], list[0]
	}
}

func TestRegionJSONRoundTripsWithItsGeometry(t *testing.T) {
	want := []Region{
		{Code: "320583", Name: "昆山市", NameEn: "Kunshan", Level: LevelCity, Centre: orb.Point{120.98, 31.38},
			Geometry: orb.MultiPolygon{append(rect(120.81, 31.1, 121.16, 31.54), rect(120.9, 31.2, 121, 31.3)[0]), rect(1, 2, 3, 4)}},
		{Code: "320583100", Name: "玉山镇", Level: LevelDistrict, Parent: "320583", Made: true},
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), `"geometry":{"type":"MultiPolygon","coordinates":[[[[120.81,31.1],`) {
		t.Errorf("no GeoJSON in %s", b)
	}
	var got []Region
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRegionJSONTakesAPolygonAndRefusesALine(t *testing.T) {
	var r Region
	if err := json.Unmarshal([]byte(`{"code":"1","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}`), &r); err != nil || len(r.Geometry) != 1 {
		t.Errorf("polygon: %+v, %v", r, err)
	}
	if err := json.Unmarshal([]byte(`{"code":"1","geometry":null}`), &r); err != nil || r.Geometry != nil {
		t.Errorf("null: %+v, %v", r, err)
	}
	err := json.Unmarshal([]byte(`{"code":"1","geometry":{"type":"LineString","coordinates":[[0,0],[1,0]]}}`), &r)
	if err == nil || !strings.Contains(err.Error(), "LineString is no area") {
		t.Errorf("line: %v", err)
	}
}

func FuzzRegionJSON(f *testing.F) {
	f.Add([]byte(`{"code":"1","name":"镇","level":2,"parent":"","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}`))
	f.Add([]byte(`{"code":"1","geometry":{"type":"MultiPolygon","coordinates":[[[[0,0,9],[1],[],[0,0]]]]}}`))
	f.Add([]byte(`{"code":1e999,"geometry":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Region
		if json.Unmarshal(b, &r) != nil {
			return
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", r, err)
		}
		var back Region
		if err := json.Unmarshal(again, &back); err != nil || !reflect.DeepEqual(back, r) && len(r.Geometry) > 0 {
			t.Fatalf("%+v came back as %+v, %v", r, back, err)
		}
		_, _ = NewRegions([]Region{r})
	})
}
