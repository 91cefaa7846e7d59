package citymodel_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/ingest/citymodel"
	"onecity/internal/need"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// manyShapes is GeoJSON of n buildings with names, some with holes, some of
// two parts.
func manyShapes(t *testing.T, n int) (path string, want map[string]orb.Geometry) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	fc := geojson.NewFeatureCollection()
	want = map[string]orb.Geometry{}
	box := func(x, y, d float64, o orb.Orientation) orb.Ring {
		r := orb.Ring{{x, y}, {x + d, y}, {x + d, y + d}, {x, y + d}, {x, y}}
		if o == orb.CW {
			r.Reverse()
		}
		return r
	}
	for i := range n {
		x, y := 120.8+rnd.Float64()*0.3, 31.1+rnd.Float64()*0.4
		p := orb.Polygon{box(x, y, 0.001, orb.CCW)}
		if i%3 == 0 {
			p = append(p, box(x+0.0003, y+0.0003, 0.0002, orb.CW))
		}
		var g orb.Geometry = p
		if i%5 == 0 {
			g = orb.MultiPolygon{p, {box(x+0.002, y, 0.001, orb.CCW)}}
		}
		f := geojson.NewFeature(g)
		name := fmt.Sprintf("楼%d号", i)
		f.Properties = geojson.Properties{"name": name, "height": float64(i%40) + 3.5, "building": "yes"}
		fc.Append(f)
		want[name] = g
	}
	b, err := fc.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return written(t, "many.geojson", b), want
}

func TestWhatGDALWritesIsReadTheSame(t *testing.T) {
	ogr2ogr := need.Program(t, "ogr2ogr", "gdal-bin")
	src, want := manyShapes(t, 500)
	for name, args := range map[string][]string{
		"a.shp":       {"-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8", "-t_srs", "EPSG:4549"},
		"b.shp":       {"-f", "ESRI Shapefile", "-lco", "ENCODING=CP936", "-t_srs", "EPSG:4528"},
		"c.shp":       {"-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8", "-t_srs", "EPSG:3857", "-dim", "XYZ"},
		"d.gpkg":      {"-f", "GPKG", "-t_srs", "EPSG:4549", "-nln", "房屋"},
		"e.gpkg":      {"-f", "GPKG", "-t_srs", "EPSG:4490", "-dim", "XYZM"},
		"f.geojsonl":  {"-f", "GeoJSONSeq"},
		"g.geojsons":  {"-f", "GeoJSONSeq", "-lco", "RS=YES"},
		"h.geojson":   {"-f", "GeoJSON", "-t_srs", "EPSG:4549"},
		"i.city.json": nil,
	} {
		if args == nil {
			continue // GDAL 3.6 does not write CityJSON
		}
		path := filepath.Join(t.TempDir(), name)
		out, err := exec.Command(ogr2ogr, append(args, path, src)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
		k, r := imported(t, path, citymodel.Options{})
		if len(k.objects) != len(want) {
			t.Fatalf("%s: %d objects of %d; %v %v", name, len(k.objects), len(want), r.Rejected, r.Skipped)
		}
		for _, o := range k.objects {
			if o.Layer != cim.LayerBuildings || !sameShape(o.Geometry, want[o.Name]) {
				t.Fatalf("%s: %s is %v, want %v", name, o.Name, o.Geometry, want[o.Name])
			}
		}
	}
}

// sameShape compares areas ring by ring and corner by corner, from wherever
// the ring begins, to 2 cm.
func sameShape(a, b orb.Geometry) bool {
	x, y := areas(a), areas(b)
	if len(x) != len(y) {
		return false
	}
	for _, p := range x {
		found := false
		for _, q := range y {
			found = found || samePolygon(p, q)
		}
		if !found {
			return false
		}
	}
	return true
}

func areas(g orb.Geometry) orb.MultiPolygon {
	if p, ok := g.(orb.Polygon); ok {
		return orb.MultiPolygon{p}
	}
	mp, _ := g.(orb.MultiPolygon)
	return mp
}

func samePolygon(p, q orb.Polygon) bool {
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if len(p[i]) != len(q[i]) || p[i].Orientation() != q[i].Orientation() {
			return false
		}
		for _, a := range p[i] {
			near := math.Inf(1)
			for _, b := range q[i] {
				near = min(near, math.Hypot(a[0]-b[0], a[1]-b[1]))
			}
			if near > 2e-7 {
				return false
			}
		}
	}
	return true
}

func TestAGeoPackageNamesItsTables(t *testing.T) {
	ogr2ogr := need.Program(t, "ogr2ogr", "gdal-bin")
	src, _ := manyShapes(t, 20)
	path := filepath.Join(t.TempDir(), "two.gpkg")
	for _, args := range [][]string{
		{"-f", "GPKG", "-nln", "a b\"c", path, src},
		{"-f", "GPKG", "-update", "-nln", "second", "-t_srs", "EPSG:3857", path, src},
	} {
		if out, err := exec.Command(ogr2ogr, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if k, _ := imported(t, path, citymodel.Options{}); len(k.objects) != 40 {
		t.Errorf("both tables: %d objects", len(k.objects))
	}
	k, r := imported(t, path, citymodel.Options{Table: "second"})
	if len(k.objects) != 20 || r.CRS != "EPSG:3857" || !strings.HasPrefix(k.objects[0].ID, "two/second/") {
		t.Errorf("one table: %d objects in %s, %s", len(k.objects), r.CRS, k.objects[0].ID)
	}
	_, err := citymodel.Import(t.Context(), path, citymodel.Options{Table: "third"}, (&taken{}).emit, nil)
	if err == nil || !strings.Contains(err.Error(), "second") {
		t.Errorf("a table that is not there: %v", err)
	}
	before, _ := os.ReadDir(filepath.Dir(path))
	if len(before) != 1 {
		t.Errorf("reading left files beside the GeoPackage: %v", before)
	}
}
