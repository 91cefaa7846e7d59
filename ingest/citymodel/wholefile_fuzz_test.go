package citymodel_test

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/citymodel"
)

// allocated is how many bytes the program has ever asked the heap for.
func allocated() int64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// imports reads a file that may be anything: it must come to an end, ask for
// memory in proportion to its size, whatever its headers say, and let only
// sound objects in.
func imports(t *testing.T, path string, size int) {
	t.Helper()
	before := allocated()
	emit := func(f cim.Fact) error {
		put, ok := f.(cim.ObjectsPut)
		if !ok {
			return nil
		}
		for _, o := range put.Objects {
			if err := geo.Validate(o.Geometry); err != nil || o.ID == "" {
				t.Errorf("object %q came in: %v", o.ID, err)
			}
			for k, v := range o.Attributes {
				if strings.ToValidUTF8(k+v, "") != k+v {
					t.Errorf("object %q: attribute %q %q is not UTF-8", o.ID, k, v)
				}
			}
		}
		return nil
	}
	r, err := citymodel.Import(context.Background(), path, citymodel.Options{MaxBatchBytes: 1 << 20}, emit, nil)
	const fixed = 32 << 20 // buffers, and the SQL driver's start
	if asked, may := allocated()-before, int64(fixed+500*size); asked > may {
		t.Errorf("%d bytes made it ask for %d bytes of memory", size, asked)
	}
	for _, x := range r.Rejected {
		if x.Place == "" || x.Code == "" || x.Message == "" {
			t.Errorf("rejected without a place or a reason: %+v", x)
		}
	}
	if err != nil && err.Error() == "" {
		t.Error("it failed without a word")
	}
}

func FuzzShapefile(f *testing.F) {
	part := func(path, ext string) []byte {
		b, err := os.ReadFile(strings.TrimSuffix(path, ".shp") + ext)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	path := surveyed(f, "GBK")
	shp, dbf, prj := part(path, ".shp"), part(path, ".dbf"), part(path, ".prj")
	f.Add(shp, dbf, prj, part(path, ".cpg"))
	f.Add(shp, []byte(nil), []byte(nil), []byte(nil))
	f.Add(shp[:len(shp)-7], dbf[:len(dbf)-7], []byte("PROJCS["), []byte("klingon"))
	// Headers that promise what is not there.
	be, le := binary.BigEndian, binary.LittleEndian
	forged := bytes.Clone(shp)
	be.PutUint32(forged[104:], 0x7fffffff) // a record of 4 GB
	f.Add(forged, dbf, prj, []byte(nil))
	forged = bytes.Clone(shp)
	le.PutUint32(forged[108+36:], 0xffffffff) // four thousand million parts
	le.PutUint32(forged[108+40:], 0xffffffff) // and points
	f.Add(forged, dbf, prj, []byte(nil))
	table := bytes.Clone(dbf)
	le.PutUint32(table[4:], 0xffffffff)
	le.PutUint16(table[8:], 0xffff)
	le.PutUint16(table[10:], 0xffff)
	f.Add(shp, table, prj, []byte("UTF-8"))
	f.Fuzz(func(t *testing.T, shp, dbf, prj, cpg []byte) {
		stem := filepath.Join(t.TempDir(), "f")
		size := 0
		for ext, b := range map[string][]byte{".shp": shp, ".dbf": dbf, ".prj": prj, ".cpg": cpg} {
			if len(b) == 0 && ext != ".shp" {
				continue
			}
			size += len(b)
			if err := os.WriteFile(stem+ext, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		imports(t, stem+".shp", size)
	})
}

// FuzzZip: an archive is opened, or refused, and takes no more room than it may.
func FuzzZip(f *testing.F) {
	pack := func(files ...string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, path := range files {
			content, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			part, err := w.Create("../" + filepath.Base(path))
			if err != nil {
				f.Fatal(err)
			}
			if _, err := part.Write(content); err != nil {
				f.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		return b.Bytes()
	}
	path := surveyed(f, "GBK")
	stem := strings.TrimSuffix(path, ".shp")
	whole := pack(path, stem+".dbf", stem+".prj", stem+".cpg")
	f.Add(whole)
	f.Add(whole[:len(whole)-30])
	f.Add(pack("testdata/mixed.geojson"))
	f.Add(pack("testdata/mixed.geojson", "testdata/block.city.json"))
	f.Fuzz(func(t *testing.T, b []byte) {
		// Deflate packs a thousand to one at most.
		imports(t, written(t, "f.zip", b), 1000*len(b))
	})
}

func FuzzGeoPackage(f *testing.F) {
	whole, err := os.ReadFile(handMadeGeoPackage(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	for _, at := range []int{16, 20, 28, 36, 48, 56, 100, 101, 103} { // page size, pages, free list, cache, encoding, the first page
		forged := bytes.Clone(whole)
		copy(forged[at:], "\xff\xff\xff\xff")
		f.Add(forged)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		imports(t, written(t, "f.gpkg", b), len(b))
	})
}

// forgedGeoPackage is the hand-made one after these statements.
func forgedGeoPackage(t testing.TB, statements ...string) string {
	t.Helper()
	path := handMadeGeoPackage(t)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range statements {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	return path
}

// fill runs a statement once for each value.
func fill(t testing.TB, path, statement string, values ...[]byte) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, v := range values {
		if _, err := db.Exec(statement, v); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAGeoPackageWhoseSchemaComputesWithoutEndIsRefused(t *testing.T) {
	endless := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) `
	for name, c := range map[string]struct {
		statements []string
		want       string
	}{
		"endless contents": {[]string{
			`DROP TABLE gpkg_contents`,
			`CREATE VIEW gpkg_contents AS ` + endless + `SELECT 't' || i AS table_name, 'features' AS data_type FROM n`,
		}, `"gpkg_contents" is a view`},
		"endless features": {[]string{
			`DROP TABLE roads`,
			`CREATE VIEW roads AS ` + endless + `SELECT i AS fid, NULL AS geom FROM n`,
		}, `"roads" is a view`},
		"a virtual table": {[]string{
			`DROP TABLE roads`,
			`CREATE VIRTUAL TABLE roads USING fts5(geom)`,
		}, `"roads" is a virtual table`},
		"a value of a gigabyte": {[]string{
			`ALTER TABLE roads ADD COLUMN big BLOB AS (zeroblob(1000000000))`,
		}, "too big"},
		"no contents": {[]string{`DROP TABLE gpkg_contents`}, `no table "gpkg_contents"`},
		"two thousand tables": {[]string{
			`INSERT INTO gpkg_contents WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 2000) SELECT 't' || i, 'features' FROM n`,
		}, "more than 1000 tables"},
	} {
		before := allocated()
		_, err := citymodel.Import(t.Context(), forgedGeoPackage(t, c.statements...), citymodel.Options{}, (&taken{}).emit, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if asked := allocated() - before; asked > 64<<20 {
			t.Errorf("%s: it asked for %d bytes of memory", name, asked)
		}
	}
}

func TestKeysThatAGeoPackageRepeatsDoNotMultiplyItsTables(t *testing.T) {
	many := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 5000) `
	k, _ := imported(t, forgedGeoPackage(t,
		`INSERT INTO gpkg_contents `+many+`SELECT 'roads', 'features' FROM n`,
		`INSERT INTO gpkg_geometry_columns `+many+`SELECT 'roads', 'geom', 4490 FROM n`,
		`INSERT INTO gpkg_spatial_ref_sys `+many+`SELECT 4490, 'EPSG', 4490, '' FROM n`,
	), citymodel.Options{})
	if len(k.objects) != 2 {
		t.Errorf("%d roads, want 2", len(k.objects))
	}
}
