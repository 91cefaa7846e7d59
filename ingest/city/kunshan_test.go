package city

import (
	"context"
	"crypto/sha256"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
	"github.com/paulmach/orb/planar"
)

// kunshan is loaded once for all tests that only look at it.
var kunshan = sync.OnceValues(func() ([]cim.Fact, error) {
	var facts []cim.Fact
	err := Load(context.Background(), "kunshan", Options{}, func(f cim.Fact) error {
		facts = append(facts, f)
		return nil
	})
	return facts, err
})

func loaded(t *testing.T) (profile cim.Profile, regions []geo.Region, objects []cim.Object) {
	t.Helper()
	facts, err := kunshan()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts {
		switch f := f.(type) {
		case cim.Profile:
			profile = f
		case cim.RegionsPut:
			regions = f.Regions
		case cim.ObjectsPut:
			objects = append(objects, f.Objects...)
		}
	}
	return profile, regions, objects
}

func TestKunshanHasItsRealRegionsAndAbout1400Grids(t *testing.T) {
	_, regions, _ := loaded(t)
	count := map[geo.Level]int{}
	for _, r := range regions {
		count[r.Level]++
		if want := map[geo.Level]int{geo.LevelCity: 6, geo.LevelDistrict: 9, geo.LevelVillage: 12, geo.LevelGrid: 15}[r.Level]; len(r.Code) != want {
			t.Errorf("%s %s: a %s has %d digits", r.Code, r.Name, r.Level, want)
		}
		if r.Made != (r.Level != geo.LevelCity) {
			t.Errorf("%s %s: made is %v", r.Code, r.Name, r.Made)
		}
		if r.Name == "" || len(r.Geometry) == 0 {
			t.Errorf("%s has no name or no area", r.Code)
		}
	}
	if count[geo.LevelCity] != 1 || count[geo.LevelDistrict] != 9 || count[geo.LevelVillage] != 355 || count[geo.LevelGrid] != 4*355 {
		t.Errorf("levels: %v", count)
	}
	tree, err := geo.NewRegions(regions)
	if err != nil {
		t.Fatal(err)
	}
	for code, name := range map[geo.Code]string{
		"320583": "昆山市", "320583100": "玉山镇", "320583401": "昆山旅游度假区",
		"320583100001": "里厍社区", "320583401239": "陆泾村", "320583400001": "西湾社区",
	} {
		if r, ok := tree.Get(code); !ok || r.Name != name {
			t.Errorf("%s is %v, want %s", code, r, name)
		}
	}
	for _, d := range tree.Children("320583") {
		if d.NameEn == "" {
			t.Errorf("%s %s has no English name", d.Code, d.Name)
		}
	}
}

func TestKunshansRealBorderHasTheRightSizeAndPlace(t *testing.T) {
	_, regions, _ := loaded(t)
	city := regions[0].Geometry
	if err := geo.Validate(city); err != nil {
		t.Fatal(err)
	}
	if km2 := orbgeo.Area(city) / 1e6; math.Abs(km2-931) > 15 {
		t.Errorf("%.0f km², the city has 931", km2)
	}
	// South Railway Station, town hall and Huaqiao lie in it; Suzhou's centre,
	// Taicang and the Hongqiao station in Shanghai do not.
	for _, p := range []orb.Point{{120.9480, 31.3637}, {120.980, 31.385}, {121.095, 31.302}} {
		if !planar.MultiPolygonContains(city, p) {
			t.Errorf("%v is outside", p)
		}
	}
	for _, p := range []orb.Point{{120.62, 31.30}, {121.13, 31.45}, {121.32, 31.195}} {
		if planar.MultiPolygonContains(city, p) {
			t.Errorf("%v is inside", p)
		}
	}
	// CGCS2000's westernmost point is that of the GCJ-02 file less the offset.
	if b := city.Bound(); math.Abs(b.Min[0]-120.8012) > 0.001 || math.Abs(b.Max[1]-31.544) > 0.002 {
		t.Errorf("bound %v", b)
	}
}

func TestMadeAreasTileTheirParents(t *testing.T) {
	_, regions, _ := loaded(t)
	sum := map[geo.Code]float64{}
	for _, r := range regions {
		if err := geo.Validate(r.Geometry); err != nil {
			t.Errorf("%s %s: %v", r.Code, r.Name, err)
		}
		sum[r.Parent] += planar.Area(r.Geometry)
	}
	for _, r := range regions {
		if own := planar.Area(r.Geometry); r.Level != geo.LevelGrid && math.Abs(sum[r.Code]-own) > 1e-6*own {
			t.Errorf("%s %s has %.9g square degrees, its parts %.9g", r.Code, r.Name, own, sum[r.Code])
		}
	}
	tree, err := geo.NewRegions(regions)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	city, _ := tree.Get("320583")
	b := city.Geometry.Bound()
	inside := 0
	for range 20_000 {
		p := orb.Point{b.Min[0] + rng.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + rng.Float64()*(b.Max[1]-b.Min[1])}
		r, ok := tree.At(p)
		if !ok {
			continue
		}
		inside++
		if r.Level != geo.LevelGrid {
			t.Errorf("%v is in no grid of %s %s", p, r.Code, r.Name)
		}
	}
	if inside < 8_000 {
		t.Errorf("only %d points of 20,000 in the city", inside)
	}
	for _, r := range regions {
		if got, ok := tree.At(r.Centre); !ok || !r.Code.Contains(got.Code) {
			t.Errorf("the centre of %s %s is in %v", r.Code, r.Name, got)
		}
	}
}

func TestTownsHaveAboutTheirRealAreas(t *testing.T) {
	_, regions, _ := loaded(t)
	places := kunshanTowns()
	for _, r := range regions {
		if r.Level != geo.LevelDistrict {
			continue
		}
		want := 0.0
		for _, c := range places[r.Code].centres {
			want += c.Area
		}
		if km2 := orbgeo.Area(r.Geometry) / 1e6; math.Abs(km2-want) > 0.12*want {
			t.Errorf("%s %s: %.0f km², want about %.0f", r.Code, r.Name, km2, want)
		}
	}
}

func TestMadeObjectsAreMarkedValidAndInTheCity(t *testing.T) {
	_, regions, objects := loaded(t)
	tree, err := geo.NewRegions(regions)
	if err != nil {
		t.Fatal(err)
	}
	count, within, outside := map[cim.Layer]int{}, map[cim.Layer]int{}, map[cim.Layer]int{}
	seen := map[string]bool{}
	for _, o := range objects {
		count[o.Layer]++
		if seen[o.ID] || !strings.HasPrefix(o.ID, "320583-"+o.Layer.String()+"-") {
			t.Errorf("id %q", o.ID)
		}
		seen[o.ID] = true
		if !o.Made || o.Source != "made 模拟" || o.Class == "" || o.Kind == "" {
			t.Errorf("%s: made %v, source %q, class %q, kind %q", o.ID, o.Made, o.Source, o.Class, o.Kind)
		}
		if err := geo.Validate(o.Geometry); err != nil {
			t.Errorf("%s %s: %v", o.ID, o.Kind, err)
		}
		for _, p := range corners(o.Geometry) {
			if _, in := tree.At(p); !in {
				outside[o.Layer]++
			} else {
				within[o.Layer]++
			}
		}
		if o.Layer == cim.LayerBuildings && !(o.Height >= 3 && o.Height < 250) {
			t.Errorf("%s is %v m high", o.ID, o.Height)
		}
	}
	// Roads and rivers cut a corner of the border here and there.
	for l, n := range outside {
		if cuts := l == cim.LayerRoads || l == cim.LayerWater; !cuts || n*50 > within[l] {
			t.Errorf("%d corners of %s are outside of the city, %d inside", n, l, within[l])
		}
	}
	if n := count[cim.LayerBuildings]; n < 6000 || n > 10_000 {
		t.Errorf("%d buildings", n)
	}
	if count[cim.LayerRoads] < 500 || count[cim.LayerWater] < 100 || count[cim.LayerPlaces] != 1+11+355 || count[cim.LayerComponents] < 2000 {
		t.Errorf("objects: %v", count)
	}
}

func corners(g orb.Geometry) []orb.Point {
	switch g := g.(type) {
	case orb.Point:
		return []orb.Point{g}
	case orb.LineString:
		return g
	case orb.Polygon:
		return g[0]
	}
	return nil
}

func TestStreetsAreOneNetworkByTheirCorners(t *testing.T) {
	_, _, objects := loaded(t)
	next := map[orb.Point][]orb.Point{}
	var start orb.Point
	for _, o := range objects {
		if o.Layer != cim.LayerRoads {
			continue
		}
		l := o.Geometry.(orb.LineString)
		start = l[0]
		for i := range len(l) - 1 {
			next[l[i]] = append(next[l[i]], l[i+1])
			next[l[i+1]] = append(next[l[i+1]], l[i])
		}
		if o.Name == "" {
			t.Errorf("%s has no name", o.ID)
		}
	}
	reached := map[orb.Point]bool{start: true}
	for todo := []orb.Point{start}; len(todo) > 0; {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, q := range next[p] {
			if !reached[q] {
				reached[q] = true
				todo = append(todo, q)
			}
		}
	}
	if len(reached) != len(next) || len(next) < 4000 {
		t.Errorf("%d of %d corners can be driven to", len(reached), len(next))
	}
}

func TestHousesStandNeitherInWaterNorOnRoads(t *testing.T) {
	_, _, objects := loaded(t)
	var lakes []geo.Region
	for _, o := range objects {
		if p, ok := o.Geometry.(orb.Polygon); ok && o.Layer == cim.LayerWater {
			lakes = append(lakes, geo.Region{Code: geo.Code(o.ID), Geometry: orb.MultiPolygon{p}})
		}
	}
	water, err := geo.NewRegions(lakes)
	if err != nil {
		t.Fatal(err)
	}
	var houses []geo.Region
	for _, o := range objects {
		if o.Layer != cim.LayerBuildings {
			continue
		}
		p := o.Geometry.(orb.Polygon)
		houses = append(houses, geo.Region{Code: geo.Code(o.ID), Geometry: orb.MultiPolygon{p}})
		for _, c := range append(slices.Clone(p[0]), p.Bound().Center()) {
			if _, wet := water.At(c); wet {
				t.Errorf("%s stands in water", o.ID)
			}
		}
	}
	built, err := geo.NewRegions(houses)
	if err != nil {
		t.Fatal(err)
	}
	on := 0
	for _, o := range objects {
		if l, ok := o.Geometry.(orb.LineString); ok && o.Layer == cim.LayerRoads {
			for i := range len(l) - 1 {
				for k := range 8 {
					f := float64(k) / 8
					if _, hit := built.At(orb.Point{l[i][0] + f*(l[i+1][0]-l[i][0]), l[i][1] + f*(l[i+1][1]-l[i][1])}); hit {
						on++
					}
				}
			}
		}
	}
	if on > 0 {
		t.Errorf("%d road points lie under a house", on)
	}
}

func TestFactsComeInOrderInBoundedBatches(t *testing.T) {
	facts, err := kunshan()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range facts {
		b, err := cim.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 2<<20 {
			t.Errorf("fact %d, %T, takes %d bytes", i, f, len(b))
		}
		back, err := cim.Decode(cim.TypeOf(f), b)
		if err != nil {
			t.Fatalf("fact %d, %T: %v", i, f, err)
		}
		if again, err := cim.Encode(back); err != nil || string(again) != string(b) {
			t.Errorf("fact %d, %T, does not round-trip", i, f)
		}
	}
	// Last, so that a city that has its Profile has all of it.
	if p, ok := facts[len(facts)-1].(cim.Profile); !ok || p.City != "320583" || p.TimeZone != "Asia/Shanghai" || len(p.Notices) < 4 {
		t.Errorf("last: %+v", facts[len(facts)-1])
	}
	if _, ok := facts[0].(cim.RegionsPut); !ok {
		t.Errorf("first: %T", facts[0])
	}
	if f, ok := facts[1].(cim.FormulaPut); !ok || len(f.Formula.Terms) < 5 {
		t.Errorf("second: %T", facts[1])
	}
}

func TestTheCityIsTheSameEachTime(t *testing.T) {
	sum := func(emitted func(Emit) error) [32]byte {
		h := sha256.New()
		if err := emitted(func(f cim.Fact) error {
			b, err := cim.Encode(f)
			h.Write(b)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return [32]byte(h.Sum(nil))
	}
	first := sum(func(e Emit) error {
		facts, err := kunshan()
		for _, f := range facts {
			if err == nil {
				err = e(f)
			}
		}
		return err
	})
	if again := sum(func(e Emit) error { return Load(context.Background(), "kunshan", Options{}, e) }); again != first {
		t.Error("another city the second time")
	}
}

func TestLoadingEndsWithTheFirstErrorAndNamesTheProfiles(t *testing.T) {
	if err := Load(context.Background(), "atlantis", Options{}, nil); err == nil || !strings.Contains(err.Error(), "andorra, kunshan") {
		t.Errorf("unknown profile: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := emitObjects(ctx, make([]cim.Object, 10), func(cim.Fact) error { n++; return nil })
	cancel()
	if err == nil {
		err = emitObjects(ctx, make([]cim.Object, 10), func(cim.Fact) error { n++; return nil })
	}
	if !errors.Is(err, context.Canceled) || n > 1 {
		t.Errorf("cancelled: %v after %d facts", err, n)
	}
}
