package citymodel_test

import (
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/ingest/citymodel"

	shp "github.com/jonas-p/go-shp"
	"github.com/paulmach/orb"
)

var buildings = cim.LayerBuildings

// A bow tie between two sound squares: what is inside of it, nobody can say, so
// it is refused by name and the others go in.
func TestAPolygonThatCrossesItselfIsNamedAndTheOthersGoIn(t *testing.T) {
	square := func(x, y float64) orb.Ring {
		return orb.Ring{{x, y}, {x + 0.001, y}, {x + 0.001, y + 0.001}, {x, y + 0.001}, {x, y}}
	}
	bow := orb.Ring{{120.95, 31.35}, {120.951, 31.351}, {120.951, 31.35}, {120.95, 31.351}, {120.95, 31.35}}
	rings := []orb.Ring{square(120.9, 31.3), bow, square(120.96, 31.36)}

	geojson := func(t *testing.T) string {
		return written(t, "bow.geojson", []byte(`{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"good-1","properties":{"building":"yes"},"geometry":{"type":"Polygon","coordinates":[[[120.9,31.3],[120.901,31.3],[120.901,31.301],[120.9,31.301],[120.9,31.3]]]}},
		{"type":"Feature","id":"bow","properties":{"building":"yes"},"geometry":{"type":"Polygon","coordinates":[[[120.95,31.35],[120.951,31.351],[120.951,31.35],[120.95,31.351],[120.95,31.35]]]}},
		{"type":"Feature","id":"good-2","properties":{"building":"yes"},"geometry":{"type":"MultiPolygon","coordinates":[[[[120.96,31.36],[120.961,31.36],[120.961,31.361],[120.96,31.361],[120.96,31.36]]]]}}]}`))
	}
	shapefile := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "bow.shp")
		w, err := shp.Create(path, shp.POLYGON)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rings {
			var ps []shp.Point
			for _, p := range r {
				ps = append(ps, shp.Point{X: p[0], Y: p[1]})
			}
			p := shp.Polygon(*shp.NewPolyLine([][]shp.Point{ps}))
			w.Write(&p)
		}
		w.Close()
		return path
	}
	geopackage := func(t *testing.T) string {
		path := forgedGeoPackage(t, `DELETE FROM roads`, `ALTER TABLE roads ADD COLUMN building TEXT`)
		fill(t, path, `INSERT INTO roads (geom, building) VALUES (?, 'yes')`,
			gpkgBlob(t, orb.Polygon{rings[0]}, false), gpkgBlob(t, orb.Polygon{rings[1]}, true), gpkgBlob(t, orb.MultiPolygon{{rings[2]}}, false))
		return path
	}
	for name, c := range map[string]struct {
		path          func(*testing.T) string
		feature, spot string
	}{
		"GeoJSON":    {geojson, "bow/bow", "feature 2"},
		"Shapefile":  {shapefile, "bow/record-2", "record 2"},
		"GeoPackage": {geopackage, "made/roads/2", "roads row 2"},
	} {
		t.Run(name, func(t *testing.T) {
			o := citymodel.Options{}
			if name == "Shapefile" {
				o.Layer = &buildings
			}
			k, r := imported(t, c.path(t), o)
			if len(k.objects) != 2 || r.RejectedTotal != 1 {
				t.Fatalf("%d objects, rejected %+v", len(k.objects), r.Rejected)
			}
			got := r.Rejected[0]
			if got.Feature != c.feature || got.Place != c.spot || got.Code != "invalid-geometry" {
				t.Errorf("rejected %+v, want feature %s at %s", got, c.feature, c.spot)
			}
			for _, word := range []string{"geometry: ", "ring crosses itself", "(120.9505 31.3505)"} {
				if !strings.Contains(got.Message, word) {
					t.Errorf("the reason is %q, want it to say %q", got.Message, word)
				}
			}
		})
	}
}
