package citymodel_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/citymodel"

	shp "github.com/jonas-p/go-shp"
	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Esri's own text of EPSG:4549, as ArcGIS writes it.
const prj4549 = `PROJCS["CGCS2000_3_Degree_GK_CM_120E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`

// surveyed writes a Shapefile of two buildings in EPSG:4549 with its text in
// GBK, by package go-shp, and gives its path.
func surveyed(t testing.TB, cpg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "房屋.shp")
	w, err := shp.Create(path, shp.POLYGON)
	if err != nil {
		t.Fatal(err)
	}
	gbk := func(s string) string {
		out, err := simplifiedchinese.GBK.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if err := w.SetFields([]shp.Field{shp.StringField("BSM", 10), shp.StringField("MC", 40), shp.NumberField("CS", 4), shp.FloatField("HEIGHT", 8, 2)}); err != nil {
		t.Fatal(err)
	}
	square := func(x, y, side float64) []shp.Point {
		return []shp.Point{{X: x, Y: y}, {X: x, Y: y + side}, {X: x + side, Y: y + side}, {X: x + side, Y: y}, {X: x, Y: y}}
	}
	hole := []shp.Point{{X: 590010, Y: 3473010}, {X: 590020, Y: 3473010}, {X: 590020, Y: 3473020}, {X: 590010, Y: 3473020}, {X: 590010, Y: 3473010}}
	for i, row := range []struct {
		parts  [][]shp.Point
		id, mc string
		cs     int
		height float64
	}{
		{[][]shp.Point{square(590000, 3473000, 50), hole}, "A1", "昆山市民文化广场", 3, 0},
		{[][]shp.Point{square(590100, 3473000, 20), square(590200, 3473000, 20)}, "A2", "中茵世贸广场", 50, 198.5},
	} {
		p := shp.Polygon(*shp.NewPolyLine(row.parts))
		w.Write(&p)
		w.WriteAttribute(i, 0, row.id)
		w.WriteAttribute(i, 1, gbk(row.mc))
		w.WriteAttribute(i, 2, row.cs)
		if row.height > 0 {
			w.WriteAttribute(i, 3, row.height)
		}
	}
	w.Close()
	// Version 0.1.1 of go-shp forgets the dot of the table's name.
	stem := strings.TrimSuffix(path, ".shp")
	if err := os.Rename(stem+"dbf", stem+".dbf"); err != nil {
		t.Fatal(err)
	}
	beside(t, path, ".prj", prj4549)
	if cpg != "" {
		beside(t, path, ".cpg", cpg)
	}
	return path
}

func beside(t testing.TB, path, ext, content string) {
	t.Helper()
	if err := os.WriteFile(strings.TrimSuffix(path, ".shp")+ext, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAShapefileIsReadWithItsSystemAndItsEncoding(t *testing.T) {
	buildings := citymodel.Options{Layer: ptr(cim.LayerBuildings), IDPrefix: "house"}
	for _, cpg := range []string{"GBK", "936", ""} {
		k, r := imported(t, surveyed(t, cpg), buildings)
		if r.CRS != "EPSG:4549" || len(k.objects) != 2 {
			t.Fatalf("cpg %q: in %s, %d objects, %v", cpg, r.CRS, len(k.objects), r.Rejected)
		}
		a, b := k.byID("house/A1"), k.byID("house/A2")
		if a.Name != "昆山市民文化广场" || a.Height != 9 || b.Name != "中茵世贸广场" || b.Height != 198.5 {
			t.Errorf("cpg %q: %+v, %+v", cpg, a, b)
		}
		p := a.Geometry.(orb.Polygon)
		if len(p) != 2 || len(b.Geometry.(orb.MultiPolygon)) != 2 {
			t.Errorf("a hole is a hole and two parts are two: %v, %v", a.Geometry, b.Geometry)
		}
		c, _ := geo.GaussKruger(120, false)
		want := c.ToCGCS2000(orb.Point{590000, 3473000})
		near := math.Inf(1)
		for _, q := range p[0] {
			near = min(near, math.Hypot(q[0]-want[0], q[1]-want[1]))
		}
		if near > 1e-7 {
			t.Errorf("no corner at %v: %v", want, p[0])
		}
	}
	if _, err := citymodel.Import(context.Background(), surveyed(t, "KLINGON"), buildings, (&taken{}).emit, nil); err == nil || !strings.Contains(err.Error(), "klingon") {
		t.Errorf("an unknown encoding: %v", err)
	}
}

func TestAZippedShapefileIsOpened(t *testing.T) {
	path := surveyed(t, "GBK")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, ext := range []string{".shp", ".dbf", ".shx", ".prj", ".cpg"} {
		content, err := os.ReadFile(strings.TrimSuffix(path, ".shp") + ext)
		if err != nil && ext != ".shx" {
			t.Fatal(err)
		}
		w, err := z.Create("数据/房屋" + ext)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(content)
	}
	z.Close()
	file := written(t, "house.zip", b.Bytes())
	o := citymodel.Options{Layer: ptr(cim.LayerBuildings)}
	if k, _ := imported(t, file, o); len(k.objects) != 2 || k.objects[0].Name != "昆山市民文化广场" {
		t.Errorf("%+v", k.objects)
	}
	o.MaxBytes = 500
	var large *citymodel.TooLargeError
	if _, err := citymodel.Import(context.Background(), file, o, (&taken{}).emit, nil); !errors.As(err, &large) {
		t.Errorf("an archive over its limit: %v", err)
	}
}

func TestBrokenShapefilesSayWhatIsBroken(t *testing.T) {
	change := func(ext string, how func([]byte) []byte) string {
		path := surveyed(t, "GBK")
		name := strings.TrimSuffix(path, ".shp") + ext
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		beside(t, path, ext, string(how(b)))
		return path
	}
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:len(b)-n] } }
	for name, c := range map[string]struct{ path, want string }{
		"shp cut short":  {change(".shp", cut(20)), "cut short"},
		"dbf cut short":  {change(".dbf", cut(30)), "row 2 of its table"},
		"dbf no table":   {change(".dbf", func([]byte) []byte { return make([]byte, 40) }), "no dBASE table"},
		"a lying length": {change(".shp", func(b []byte) []byte { binary.BigEndian.PutUint32(b[104:], 1<<30); return b }), "record 1 is cut short"},
		"Xian 80": {change(".prj", func([]byte) []byte {
			return []byte(`GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`)
		}), "DXIAN1980"},
	} {
		_, err := citymodel.Import(context.Background(), c.path, citymodel.Options{Layer: ptr(cim.LayerBuildings)}, (&taken{}).emit, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it to say %q", name, err, c.want)
		}
	}
	many := change(".shp", func(b []byte) []byte { binary.LittleEndian.PutUint32(b[100+8+36:], 1<<31); return b })
	k, r := imported(t, many, citymodel.Options{Layer: ptr(cim.LayerBuildings)})
	if len(k.objects) != 1 || r.Reasons["malformed"] != 1 {
		t.Errorf("a shape that counts 2³¹ parts: %d objects, %v", len(k.objects), r.Rejected)
	}
	deleted := change(".dbf", func(b []byte) []byte { b[binary.LittleEndian.Uint16(b[8:])] = '*'; return b })
	if k, r := imported(t, deleted, citymodel.Options{Layer: ptr(cim.LayerBuildings)}); len(k.objects) != 1 || r.Skipped["deleted row"] != 1 {
		t.Errorf("a deleted row: %d objects, %v", len(k.objects), r.Skipped)
	}
}
