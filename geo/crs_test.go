package geo

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

func plane(t *testing.T, central int, numbered bool) CRS {
	t.Helper()
	c, ok := GaussKruger(central, numbered)
	if !ok {
		t.Fatalf("no zone about %d", central)
	}
	return c
}

// Made by PROJ 9.1.1: cs2cs -f %.6f +proj=longlat +ellps=GRS80 +to EPSG:…
func TestGaussKrugerAgreesWithPROJ(t *testing.T) {
	const micrometre = 1e-6
	for _, c := range []struct {
		crs  CRS
		lon  float64
		lat  float64
		x, y float64
	}{
		{4549, 120.9566, 31.3858, 590991.449296, 3474144.659856},
		{4549, 121.16, 31.10, 610672.721291, 3442640.092846},
		{4549, 120, 0, 500000, 0},
		{4549, 118.6, 52.9, 405793.404740, 5864409.901864},
		{4528, 120.9566, 31.3858, 40590991.449296, 3474144.659856},
		{4528, 118.6, 52.9, 40405793.404740, 5864409.901864},
		{4548, 120.9566, 31.3858, 876480.176607, 3480525.612229},
		{4550, 120.9566, 31.3858, 305617.690718, 3475554.726456},
		{4550, 118.6, 52.9, 203993.379100, 5872564.783748},
		{4534, 120.9566, 31.3858, 5063809.199535, 4576759.278521},
		{4554, 121.16, 31.10, -826401.588549, 3525826.394706},
		{4508, 120.9566, 31.3858, 1449239.543704, 3516973.400320},
	} {
		got := c.crs.FromCGCS2000(orb.Point{c.lon, c.lat})
		tolerance := 2 * micrometre
		if c.crs == 4534 { // 46° off its meridian, far beyond any zone
			tolerance = 1e-3
		}
		if math.Abs(got[0]-c.x) > tolerance || math.Abs(got[1]-c.y) > tolerance {
			t.Errorf("%v of (%v %v): %.6f %.6f, want %.6f %.6f", c.crs, c.lon, c.lat, got[0], got[1], c.x, c.y)
		}
		back := c.crs.ToCGCS2000(orb.Point{c.x, c.y})
		if d := orbgeo.Distance(back, orb.Point{c.lon, c.lat}); d > tolerance+1e-6 {
			t.Errorf("%v back: %v is %g m off", c.crs, back, d)
		}
	}
}

// The first from IOGP Publication 373-7-2 (EPSG Guidance Note 7-2), example of
// method 1024; the others by PROJ 9.1.1.
func TestWebMercatorAgreesWithThePublishedExample(t *testing.T) {
	for _, c := range []struct {
		lon, lat, x, y, metres float64
	}{
		{-(100 + 20.0/60), 24 + 22/60.0 + 54.433/3600, -11169055.58, 2800000.00, 0.01},
		{120.9566, 31.3858, 13464827.120086, 3682954.628522, 1e-6},
		{121.16, 31.10, 13487469.504513, 3645742.868004, 1e-6},
	} {
		got := WebMercator.FromCGCS2000(orb.Point{c.lon, c.lat})
		if math.Abs(got[0]-c.x) > c.metres || math.Abs(got[1]-c.y) > c.metres {
			t.Errorf("(%v %v): %.6f %.6f, want %.6f %.6f", c.lon, c.lat, got[0], got[1], c.x, c.y)
		}
	}
}

// The first three are the test points of "eviltransform"; all values as the
// npm package gcoord 1.0.7 computes them.
func TestTheChineseOffsetsAgreeWithOtherPrograms(t *testing.T) {
	for _, c := range []struct{ at, gcj, bd orb.Point }{
		{orb.Point{121.5272106, 31.1774276}, orb.Point{121.531541859215, 31.17530398364597}, orb.Point{121.53801568643858, 31.18132860687446}},
		{orb.Point{113.912316, 22.543847}, orb.Point{113.9171764808363, 22.540796131694766}, orb.Point{113.92368472926734, 22.546667437751108}},
		{orb.Point{116.377817, 39.911954}, orb.Point{116.38404722455657, 39.91334545536069}, orb.Point{116.39045471310828, 39.91957555096588}},
		{orb.Point{120.9566, 31.3858}, orb.Point{120.96084931747339, 31.383712255517153}, orb.Point{120.96725151965047, 31.390073808999315}},
		{orb.Point{87.6, 43.8}, orb.Point{87.60283897227161, 43.80121203029208}, orb.Point{87.60921015182171, 43.80747250765041}},
	} {
		if got := GCJ02.FromCGCS2000(c.at); far(got, c.gcj, 1e-12) {
			t.Errorf("GCJ-02 of %v: %v, want %v", c.at, got, c.gcj)
		}
		if got := BD09.FromCGCS2000(c.at); far(got, c.bd, 1e-12) {
			t.Errorf("BD-09 of %v: %v, want %v", c.at, got, c.bd)
		}
		if got := GCJ02.ToCGCS2000(c.gcj); far(got, c.at, 1e-9) {
			t.Errorf("back from GCJ-02: %v, want %v", got, c.at)
		}
		if got := BD09.ToCGCS2000(c.bd); far(got, c.at, 1e-9) {
			t.Errorf("back from BD-09: %v, want %v", got, c.at)
		}
	}
	paris := orb.Point{2.35, 48.86}
	if ToGCJ02(paris) != paris || FromGCJ02(paris) != paris {
		t.Error("a point outside China was displaced by GCJ-02")
	}
}

func far(a, b orb.Point, degrees float64) bool {
	return !(math.Abs(a[0]-b[0]) <= degrees && math.Abs(a[1]-b[1]) <= degrees)
}

func TestEverySystemRoundTripsAllOverChina(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	systems := []CRS{0, GCJ02, BD09, CGCS2000, WGS84, WebMercator}
	for range 4000 {
		at := orb.Point{75 + rng.Float64()*58, 4 + rng.Float64()*49}
		zone := plane(t, int(math.Round(at[0]/3))*3, rng.IntN(2) == 0)
		for _, c := range append(systems, zone) {
			got := c.ToCGCS2000(c.FromCGCS2000(at))
			if far(got, at, 1e-9) {
				t.Fatalf("%v: %v came back as %v", c, at, got)
			}
		}
	}
}

func TestGaussKrugerZonesAreTheEPSGRegistersOnes(t *testing.T) {
	for _, c := range []struct {
		central  int
		numbered bool
		want     CRS
	}{{75, true, 4513}, {120, true, 4528}, {135, true, 4533}, {75, false, 4534}, {120, false, 4549}, {135, false, 4554}} {
		if got := plane(t, c.central, c.numbered); got != c.want {
			t.Errorf("%d° %v: %v, want %v", c.central, c.numbered, got, c.want)
		}
	}
	for _, central := range []int{72, 121, 138, -75} {
		if _, ok := GaussKruger(central, false); ok {
			t.Errorf("there is a zone about %d°", central)
		}
	}
}

func TestParseCRSReadsTheNamesThatSendersUse(t *testing.T) {
	for name, want := range map[string]CRS{
		"CGCS2000": CGCS2000, "cgcs 2000": CGCS2000, "EPSG:4490": CGCS2000, "urn:ogc:def:crs:EPSG::4490": CGCS2000,
		"WGS 84": WGS84, "wgs84": WGS84, "EPSG:4326": WGS84, "urn:ogc:def:crs:OGC:1.3:CRS84": WGS84, "OGC:CRS84": WGS84,
		"EPSG:3857": WebMercator, "Web Mercator": WebMercator, "http://www.opengis.net/def/crs/EPSG/0/3857": WebMercator,
		"GCJ-02": GCJ02, "gcj02": GCJ02, "火星坐标": GCJ02, "BD-09": BD09, "bd09ll": BD09, "百度坐标系": BD09,
		"EPSG:4549": 4549, "epsg:4513": 4513, "EPSG:4554": 4554,
		"CGCS2000 / 3-degree Gauss-Kruger CM 120E": 4549, "CGCS2000_3_Degree_GK_CM_120E": 4549,
		"CGCS2000 / 3-degree Gauss-Kruger zone 40": 4528, "CGCS2000_3_Degree_GK_Zone_40": 4528,
	} {
		if got, err := ParseCRS(name); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", name, got, err, want)
		}
	}
	for _, name := range []string{"", "EPSG:1", "EPSG:0002", "EPSG:9999", "Beijing 1954", "4490", "CGCS2000_3_Degree_GK_CM_121E"} {
		if got, err := ParseCRS(name); err == nil {
			t.Errorf("%q was taken for %v", name, got)
		}
	}
}

func TestCRSIsAStringInJSON(t *testing.T) {
	b, err := json.Marshal([]CRS{GCJ02, 4549, 0})
	if err != nil || string(b) != `["GCJ-02","EPSG:4549",""]` {
		t.Fatalf("%s, %v", b, err)
	}
	var back []CRS
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, []CRS{GCJ02, 4549, 0}) {
		t.Errorf("%v, %v", back, err)
	}
}

func TestGeometryIsConvertedInACopy(t *testing.T) {
	g := orb.MultiPolygon{rect(120.9, 31.3, 121, 31.4)}
	moved := GCJ02.GeometryFromCGCS2000(g).(orb.MultiPolygon)
	if g[0][0][0] != (orb.Point{120.9, 31.3}) || moved[0][0][0] != ToGCJ02(orb.Point{120.9, 31.3}) {
		t.Errorf("%v → %v", g, moved)
	}
	if back := GCJ02.GeometryToCGCS2000(moved).(orb.MultiPolygon); far(back[0][0][2], g[0][0][2], 1e-9) {
		t.Errorf("back: %v", back)
	}
	if GCJ02.GeometryToCGCS2000(nil) != nil || CGCS2000.GeometryFromCGCS2000(nil) != nil {
		t.Error("nothing became something")
	}
}

func FuzzConversionEndsForAnyNumbers(f *testing.F) {
	f.Add(120.9566, 31.3858, 4549)
	f.Add(590991.449296, 3474144.659856, 4549)
	f.Add(math.Inf(1), math.NaN(), int(BD09))
	f.Add(1e300, -1e300, 4513)
	f.Add(105.0, 35.0, int(GCJ02))
	f.Add(72.004, 55.8271, int(GCJ02))
	f.Fuzz(func(t *testing.T, x, y float64, crs int) {
		c := CRS(crs)
		p := orb.Point{x, y}
		back := c.FromCGCS2000(c.ToCGCS2000(p))
		if !c.Known() && back != p && p == p {
			t.Fatalf("unknown %d changed %v to %v", crs, p, back)
		}
		at := c.FromCGCS2000(p)
		if checkPoint(p) != nil || !insideChina(p) || !insideChina(at) {
			return
		}
		if c == GCJ02 || c == BD09 {
			if got := c.ToCGCS2000(at); insideChina(ToGCJ02(got)) && far(c.FromCGCS2000(got), at, 1e-9) {
				t.Fatalf("%v of %v is %v, which came back as %v", c, p, at, got)
			}
		}
	})
}

func FuzzParseCRS(f *testing.F) {
	for _, s := range []string{"EPSG:4490", "GCJ-02", "CGCS2000_3_Degree_GK_CM_120E", "EPSG:99999", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCRS(s)
		if err != nil {
			return
		}
		if back, err := ParseCRS(c.String()); err != nil || back != c || !c.Known() {
			t.Fatalf("%q → %v → %v, %v", s, c, back, err)
		}
	})
}

func BenchmarkFromGCJ02(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		FromGCJ02(kunshanStation)
	}
}

func BenchmarkGaussKruger(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		CRS(4549).FromCGCS2000(kunshanStation)
	}
}
