package citymodel

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

func TestHeightsAreReadAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct {
		tags         map[string]string
		height, base float32
	}{
		{map[string]string{"height": "12.5"}, 12.5, 0},
		{map[string]string{"height": "12,5 m"}, 12.5, 0},
		{map[string]string{"height": "24米"}, 24, 0},
		{map[string]string{"height": "40 ft"}, 12.192, 0},
		{map[string]string{"height": "5'6\""}, 1.6764, 0},
		{map[string]string{"height": "tall", "building:levels": "4"}, 12, 0},
		{map[string]string{"building:levels": "10", "building:min_level": "2"}, 30, 6},
		{map[string]string{"height": "20", "min_height": "30"}, 20, 0},
		{map[string]string{"height": "-3"}, 0, 0},
		{map[string]string{"height": "1e9"}, 0, 0},
		{map[string]string{"height": "NaN"}, 0, 0},
		{nil, 0, 0},
	} {
		h, b := OSMMapping().heights(&Feature{Tags: c.tags})
		if math.Abs(float64(h-c.height)) > 1e-4 || math.Abs(float64(b-c.base)) > 1e-4 {
			t.Errorf("%v: height %g, base %g; want %g, %g", c.tags, h, b, c.height, c.base)
		}
	}
}

func TestRulesAreChosenInOrderAndByShape(t *testing.T) {
	m := OSMMapping()
	for _, c := range []struct {
		tags        map[string]string
		shape       string
		layer, kind string
	}{
		{map[string]string{"highway": "motorway_link"}, "line", "roads", "motorway"},
		{map[string]string{"highway": "steps"}, "line", "roads", "path"},
		{map[string]string{"highway": "proposed"}, "line", "", ""},
		{map[string]string{"highway": "street_lamp"}, "point", "components", "street_lamp"},
		{map[string]string{"building": "yes"}, "area", "buildings", ""},
		{map[string]string{"building": "no"}, "area", "", ""},
		{map[string]string{"building": "hotel", "tourism": "hotel"}, "area", "buildings", "hotel"},
		{map[string]string{"building": "yes"}, "point", "", ""},
		{map[string]string{"natural": "water"}, "area", "water", "water"},
		{map[string]string{"natural": "water", "water": "reservoir"}, "area", "water", "reservoir"},
		{map[string]string{"waterway": "canal"}, "line", "water", "canal"},
		{map[string]string{"natural": "peak"}, "point", "places", "peak"},
	} {
		r := m.rule(importable, c.tags, c.shape)
		layer, kind := "", ""
		if r != nil {
			layer, kind = r.Layer.String(), r.kind(c.tags)
		}
		if layer != c.layer || kind != c.kind {
			t.Errorf("%v as %s: %s %q, want %s %q", c.tags, c.shape, layer, kind, c.layer, c.kind)
		}
	}
	if m.rule(cim.LayersOf(cim.LayerRoads), map[string]string{"building": "yes"}, "area") != nil {
		t.Error("a layer that was not asked for came in")
	}
}

func TestAMappingIsLoadedAndChecked(t *testing.T) {
	load := func(text string) (*Mapping, error) {
		path := filepath.Join(t.TempDir(), "m.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return LoadMapping(path)
	}
	m, err := load(`{"rules":[{"key":"类型","values":["路灯"],"layer":"components","kind":"street_lamp"}],"name":["名称"],"adminLevels":{"6":1}}`)
	if err != nil || m.Rules[0].Layer != cim.LayerComponents || m.AdminLevels["6"] != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	for text, want := range map[string]string{
		`{"rules":[{"layer":"cells"}]}`:                       "not filled by imports",
		`{"rules":[{"layer":"pipes"}]}`:                       "unknown layer",
		`{"rules":[{"layer":"roads","shape":"round"}]}`:       "round",
		`{"rules":[{"layer":"roads","shpae":"line"}]}`:        "shpae",
		`{"rules":[{"layer":"roads"}]}{"rules":[]}`:           "after the mapping",
		`{"rules":[{"layer":"roads"}],"levelHeight":-3}`:      "levelHeight",
		`{"rules":[{"layer":"roads"}],"adminLevels":{"6":9}}`: "no level",
		`{"rules":[` + strings.Repeat(" ", maxMapping) + `]}`: "larger than",
		`{}`: "no rules",
		`{`:  "load mapping",
	} {
		if _, err := load(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to say %q", text, err, want)
		}
	}
}

func TestLooseRingsNestByWhereTheyLie(t *testing.T) {
	box := func(from, to float64) orb.Ring {
		return orb.Ring{{from, from}, {to, from}, {to, to}, {from, to}, {from, from}}
	}
	mp, err := nest([]orb.Ring{box(3, 4), box(1, 6), box(0, 10), box(8, 9), box(2, 5), box(20, 21)})
	if err != nil || len(mp) != 3 {
		t.Fatalf("%d polygons: %v, %v", len(mp), mp, err)
	}
	for p, want := range map[orb.Point]bool{
		{0.5, 0.5}: true, {1.5, 1.5}: false, {2.5, 2.5}: true, {3.5, 3.5}: false, {8.5, 8.5}: false, {7, 7}: true, {20.5, 20.5}: true,
	} {
		if planar.MultiPolygonContains(mp, p) != want {
			t.Errorf("%v is inside: %v", p, !want)
		}
	}
	for _, p := range mp {
		for i, r := range p {
			if (r.Orientation() == orb.CCW) != (i == 0) {
				t.Errorf("ring %d of %v is wound the wrong way", i, p)
			}
		}
	}
}

func TestAPointInsideARingIsInside(t *testing.T) {
	for _, r := range []orb.Ring{
		{{0, 0}, {10, 0}, {10, 10}, {9, 10}, {9, 1}, {1, 1}, {1, 10}, {0, 10}, {0, 0}}, // a U
		{{0, 0}, {1, 0}, {0.5, 1}, {0, 0}},
		{{0, 0}, {10, 5}, {0, 10}, {5, 5}, {0, 0}}, // an arrow whose notch is half way up
	} {
		if p := inside(r); !planar.RingContains(r, p) {
			t.Errorf("%v is not inside %v", p, r)
		}
	}
}

func TestWKTNamesAreUnderstood(t *testing.T) {
	geogcs := `GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	for wkt, want := range map[string]string{
		geogcs: "EPSG:4490",
		`GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`:                                                                                      "EPSG:4326",
		`PROJCS["昆山2000",` + geogcs + `,PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",40500000.0],PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],UNIT["Meter",1.0]]`:                                            "EPSG:4528",
		`PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]]],PROJECTION["Mercator_Auxiliary_Sphere"],PARAMETER["False_Easting",0.0]]`:                        "EPSG:3857",
		`PROJCRS["CGCS2000 / 3-degree Gauss-Kruger CM 120E",BASEGEOGCRS["China Geodetic Coordinate System 2000",DATUM["China 2000",ELLIPSOID["CGCS2000",6378137,298.257222101]]],CONVERSION["x",METHOD["Transverse Mercator"]],ID["EPSG",4549]]`: "EPSG:4549",
	} {
		if got, err := crsOfWKT(wkt); err != nil || got != want {
			t.Errorf("%.60s: %q, %v; want %s", wkt, got, err, want)
		}
	}
	for _, wkt := range []string{
		"LOCAL_CS[\"昆山城建坐标系\"]",
		`PROJCS["local",` + geogcs + `,PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",50000.0],PARAMETER["Central_Meridian",120.75],UNIT["Meter",1.0]]`,
	} {
		if got, err := crsOfWKT(wkt); err == nil {
			t.Errorf("%.40s is taken as %s", wkt, got)
		}
	}
}
