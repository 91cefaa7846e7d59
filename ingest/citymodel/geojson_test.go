package citymodel_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/citymodel"

	"github.com/paulmach/orb"
)

// written puts content into a file of this name.
func written(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reasons lists id → code of what was rejected.
func reasons(r citymodel.Report) map[string]string {
	m := map[string]string{}
	for _, x := range r.Rejected {
		m[x.Feature] = x.Code
	}
	return m
}

func TestGoodFeaturesGoInAndBadOnesAreNamed(t *testing.T) {
	k, r := imported(t, "testdata/mixed.geojson", citymodel.Options{IDPrefix: "t", Source: "survey"})
	want := map[cim.Layer]int{cim.LayerBuildings: 1, cim.LayerRoads: 1, cim.LayerWater: 1, cim.LayerPlaces: 1}
	if fmt.Sprint(r.Objects) != fmt.Sprint(want) {
		t.Errorf("objects %v, want %v", r.Objects, want)
	}
	got := reasons(r)
	for id, code := range map[string]string{
		"t/x1": "no-geometry", "t/x2": "invalid-geometry", "x3": "malformed", "t/x4": "invalid-geometry",
		"t/b1": "duplicate-id", "t/x5": "invalid-geometry", "x6": "malformed", "": "malformed",
	} {
		if got[id] != code {
			t.Errorf("feature %q: rejected as %q, want %q", id, got[id], code)
		}
	}
	if r.Features != 13 || r.RejectedTotal != 8 || r.Skipped["no rule of the mapping wants it"] != 1 {
		t.Errorf("features %d, rejected %d, skipped %v", r.Features, r.RejectedTotal, r.Skipped)
	}
	b := k.byID("t/b1")
	if b == nil || b.Name != "亭林园一号楼" || b.Height != 18 || b.Class != "Building" || b.Kind != "residential" || b.Source != "survey" {
		t.Errorf("building %+v", b)
	}
	if ring := b.Geometry.(orb.Polygon)[0]; ring.Orientation() != orb.CCW {
		t.Error("an outer ring is to be counter-clockwise")
	}
	w := k.byID("t/w1")
	if p, ok := w.Geometry.(orb.Polygon); !ok || len(p) != 2 || w.Kind != "lake" {
		t.Errorf("lake %+v", w)
	}
	if p := k.byID("t/p1"); p.NameEn != "Bacheng" || p.Kind != "town" || p.Geometry != (orb.Point{120.87, 31.45}) {
		t.Errorf("place %+v", p)
	}
}

func TestEveryWayOfWritingGeoJSONIsRead(t *testing.T) {
	f := func(id int) string {
		return fmt.Sprintf(`{"type":"Feature","id":%d,"properties":{"place":"town"},"geometry":{"type":"Point","coordinates":[120.9,31.4]}}`, id)
	}
	for name, text := range map[string]string{
		"collection, features before type": `{"features":[` + f(1) + `,` + f(2) + `],"type":"FeatureCollection"}`,
		"byte order mark":                  "\xef\xbb\xbf" + `{"type":"FeatureCollection","features":[` + f(1) + "," + f(2) + "]}\n",
		"lines":                            f(1) + "\n" + f(2) + "\n",
		"lines without a last end":         f(1) + "\r\n" + f(2),
		"record separators":                "\x1e" + f(1) + "\n\x1e" + strings.ReplaceAll(f(2), ",", ",\n") + "\n",
		"one after another":                f(1) + f(2),
	} {
		k, _ := imported(t, written(t, "a.geojson", []byte(text)), citymodel.Options{})
		if len(k.objects) != 2 || k.objects[1].ID != "a/2" {
			t.Errorf("%s: %d objects", name, len(k.objects))
		}
	}
	k, _ := imported(t, written(t, "p.geojson", []byte(`{"type":"Point","coordinates":[120.9,31.4]}`)),
		citymodel.Options{Layer: ptr(cim.LayerPlaces)})
	if len(k.objects) != 1 {
		t.Errorf("a bare geometry gave %d objects", len(k.objects))
	}
}

func ptr[T any](v T) *T { return &v }

func TestABrokenLineSpoilsOnlyItself(t *testing.T) {
	good := `{"type":"Feature","id":%d,"properties":{"place":"town"},"geometry":{"type":"Point","coordinates":[120.9,31.4]}}` + "\n"
	text := fmt.Sprintf(good, 1) + `{"type":"Feature","id":2,` + "\n" + fmt.Sprintf(good, 3) + `{"type":"Fea`
	k, r := imported(t, written(t, "a.geojsonl", []byte(text)), citymodel.Options{})
	if len(k.objects) != 2 || r.Reasons["malformed"] != 2 {
		t.Errorf("%d objects, rejected %v", len(k.objects), r.Rejected)
	}
	if place := r.Rejected[0].Place; place != "line 2" {
		t.Errorf("the broken one is said to be %q", place)
	}
}

func TestDeclaredCoordinateSystemsAreConverted(t *testing.T) {
	at := orb.Point{120.95, 31.38}
	for _, name := range []string{"EPSG:4549", "EPSG:4528", "EPSG:3857", "GCJ-02", "BD-09"} {
		c, err := geo.ParseCRS(name)
		if err != nil {
			t.Fatal(err)
		}
		p := c.FromCGCS2000(at)
		text := fmt.Sprintf(`{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":%q}},"features":[
			{"type":"Feature","properties":{"place":"town"},"geometry":{"type":"Point","coordinates":[%.9f,%.9f]}}]}`, name, p[0], p[1])
		k, r := imported(t, written(t, "a.geojson", []byte(text)), citymodel.Options{})
		got := k.objects[0].Geometry.(orb.Point)
		if math.Hypot(got[0]-at[0], got[1]-at[1]) > 2e-7 || r.CRS != c.String() {
			t.Errorf("%s: %v, in %s", name, got, r.CRS)
		}
	}
	text := `{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"place":"town"},"geometry":{"type":"Point","coordinates":[500000,3473000]}}],
		"crs":{"type":"name","properties":{"name":"EPSG:4549"}}}`
	_, err := citymodel.Import(context.Background(), written(t, "a.geojson", []byte(text)), citymodel.Options{}, (&taken{}).emit, nil)
	if err == nil || !strings.Contains(err.Error(), "after its features") {
		t.Errorf("a system named too late: %v", err)
	}
	k, _ := imported(t, written(t, "b.geojson", []byte(text[:strings.Index(text, `,
		"crs"`)]+"}")), citymodel.Options{CRS: "EPSG:4549"})
	if len(k.objects) != 1 {
		t.Errorf("a system declared by the caller: %d objects", len(k.objects))
	}
}

func TestTheCityFilterTellsOutsideFromSwapped(t *testing.T) {
	city := orb.MultiPolygon{{{{120.81, 31.1}, {121.16, 31.1}, {121.16, 31.54}, {120.81, 31.54}, {120.81, 31.1}}}}
	f := func(id, x, y string) string {
		return `{"type":"Feature","id":"` + id + `","properties":{"place":"town"},"geometry":{"type":"Point","coordinates":[` + x + `,` + y + `]}}` + "\n"
	}
	path := written(t, "a.geojsonl", []byte(f("in", "120.9", "31.4")+f("out", "120.1", "30.4")+f("swapped", "31.4", "70.9")+f("turned", "31.4", "120.9")))
	k, r := imported(t, path, citymodel.Options{Within: city})
	if len(k.objects) != 1 || r.Skipped["outside the city"] != 2 {
		t.Errorf("objects %d, skipped %v", len(k.objects), r.Skipped)
	}
	if got := reasons(r)["a/turned"]; got != "swapped-lon-lat" {
		t.Errorf("a point with latitude first is rejected as %q", got)
	}
}

func TestBrokenFilesSayWhere(t *testing.T) {
	good := `{"type":"Feature","id":1,"properties":{"place":"town"},"geometry":{"type":"Point","coordinates":[120.9,31.4]}}`
	for text, want := range map[string]string{
		`{"type":"FeatureCollection","features":[` + good + `,{"type":"Feature","prop`: "cut short",
		`{"type":"FeatureCollection","features":[` + good + `,{"type":Feature}]}`:      "broken JSON in feature 2",
		`{"type":"FeatureCollection","features":17}`:                                   "not an array",
		`{"type":"FeatureCollection"}`:                                                 `no "features"`,
	} {
		k := &taken{}
		_, err := citymodel.Import(context.Background(), written(t, "a.geojson", []byte(text)), citymodel.Options{}, k.emit, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want it to say %q", text, err, want)
		}
		if strings.Contains(text, good) && len(k.objects) != 1 {
			t.Errorf("%.60s: the good feature before the break is lost", text)
		}
	}
}

func TestFactsStayBelowTheirBoundAndProgressReachesTheEnd(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 3000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"properties":{"place":"town","note":"<&\"引号\u0001>"},"geometry":{"type":"Point","coordinates":[%.7f,31.4]}}`, i, 120+float64(i)/1e4)
	}
	b.WriteString("]}")
	var last citymodel.State
	k := &taken{}
	path := written(t, "a.geojson", b.Bytes())
	r, err := citymodel.Import(context.Background(), path, citymodel.Options{MaxBatchBytes: 100_000}, k.emit, func(s citymodel.State) { last = s })
	if err != nil || r.Total() != 3000 {
		t.Fatal(r.Total(), err)
	}
	for _, f := range k.facts {
		if body, err := cim.Encode(f); err != nil || len(body) > 100_000 {
			t.Errorf("a fact of %d bytes, %v", len(body), err)
		}
	}
	if len(k.facts) < 6 || !last.Done || last.Read != int64(b.Len()) || last.Emitted != 3000 {
		t.Errorf("%d facts, last state %+v", len(k.facts), last)
	}
}

func TestAnErrorOfTheReceiverEndsTheImport(t *testing.T) {
	full := errors.New("the stream is full")
	_, err := citymodel.Import(context.Background(), "testdata/mixed.geojson", citymodel.Options{}, func(cim.Fact) error { return full }, nil)
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := citymodel.Import(ctx, "testdata/mixed.geojson", citymodel.Options{}, (&taken{}).emit, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPackedFilesAreReadUpToTheirLimit(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, `{"type":"FeatureCollection","features":[`)
	fmt.Fprint(z, strings.Repeat(" ", 2<<20))
	fmt.Fprint(z, `{"type":"Feature","properties":{"place":"town"},"geometry":{"type":"Point","coordinates":[120.9,31.4]}}]}`)
	z.Close()
	path := written(t, "a.geojson.gz", b.Bytes())
	if k, _ := imported(t, path, citymodel.Options{}); len(k.objects) != 1 {
		t.Errorf("%d objects", len(k.objects))
	}
	var large *citymodel.TooLargeError
	for _, o := range []citymodel.Options{{MaxBytes: 1 << 20}, {MaxFeatureBytes: 1 << 20}} {
		if _, err := citymodel.Import(context.Background(), path, o, (&taken{}).emit, nil); !errors.As(err, &large) {
			t.Errorf("%d bytes that unpack to 2 MiB: %v", b.Len(), err)
		}
	}
}
