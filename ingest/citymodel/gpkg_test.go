package citymodel_test

import (
	"database/sql"
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/ingest/citymodel"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// gpkgBlob is a GeoPackage geometry: header, envelope, WKB by package orb.
func gpkgBlob(t testing.TB, g orb.Geometry, envelope bool) []byte {
	t.Helper()
	body, err := wkb.Marshal(g, binary.BigEndian)
	if err != nil {
		t.Fatal(err)
	}
	head := []byte{'G', 'P', 0, 1, 0x82, 0x11, 0, 0}
	if envelope {
		head[3] |= 1 << 1
		head = append(head, make([]byte, 32)...)
	}
	return append(head, body...)
}

func handMadeGeoPackage(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.gpkg")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	run := func(q string, args ...any) {
		t.Helper()
		if _, err := db.Exec(q, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(`PRAGMA page_size = 512`)
	run(`CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT)`)
	run(`CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER)`)
	run(`CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER, definition TEXT)`)
	run(`INSERT INTO gpkg_contents VALUES ('roads', 'features'), ('log', 'attributes')`)
	run(`INSERT INTO gpkg_geometry_columns VALUES ('roads', 'geom', 4490)`)
	run(`INSERT INTO gpkg_spatial_ref_sys VALUES (4490, 'EPSG', 4490, '')`)
	run(`CREATE TABLE roads (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT, highway TEXT, photo BLOB)`)
	line := orb.LineString{{120.9, 31.3}, {120.95, 31.35}}
	insert := `INSERT INTO roads VALUES (?, ?, ?, ?, ?)`
	run(insert, 1, gpkgBlob(t, line, true), "马鞍山路", "secondary", []byte{1, 2})
	run(insert, 2, gpkgBlob(t, orb.MultiLineString{line}, false), nil, "service", nil)
	run(insert, 3, []byte("GP"), "broken", "service", nil)
	run(insert, 4, nil, "empty", "service", nil)
	run(insert, 5, gpkgBlob(t, line, false)[:30], "short", "service", nil)
	return path
}

func TestAGeoPackageIsReadRowByRow(t *testing.T) {
	k, r := imported(t, handMadeGeoPackage(t), citymodel.Options{})
	if len(k.objects) != 2 || r.Objects[cim.LayerRoads] != 2 {
		t.Fatalf("%d objects, %v", len(k.objects), r.Rejected)
	}
	o := k.byID("made/roads/1")
	if o.Name != "马鞍山路" || o.Kind != "secondary" || len(o.Geometry.(orb.LineString)) != 2 || o.Attributes["photo"] != "" {
		t.Errorf("road %+v", o)
	}
	got := reasons(r)
	if got["roads/3"] != "malformed" || got["made/roads/4"] != "no-geometry" || got["roads/5"] != "malformed" {
		t.Errorf("rejected %v", r.Rejected)
	}
}

func TestAnSQLiteFileThatIsNoGeoPackageIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.gpkg")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE a (b)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	_, err = citymodel.Import(t.Context(), path, citymodel.Options{}, (&taken{}).emit, nil)
	if err == nil || !strings.Contains(err.Error(), "no whole GeoPackage") {
		t.Errorf("got %v", err)
	}
}
