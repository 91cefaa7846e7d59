package tiles

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/internal/need"
)

// served is a Server over a city; ask sends it one request.
type served struct {
	*Server
	t     *testing.T
	scope cim.Scope
}

func serve(t *testing.T, c *city) *served {
	s := &served{t: t, scope: cim.Whole()}
	s.Server = NewServer(Config{
		City:  func() *cim.Snapshot { return c.Snapshot() },
		Scope: func(*http.Request) cim.Scope { return s.scope },
	})
	return s
}

func (s *served) ask(path string, headers ...string) *http.Response {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func (s *served) body(r *http.Response) []byte {
	s.t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func path(layers string, tile Tile) string { return "/tiles/" + layers + "/" + tile.String() + ".mvt" }

func TestATileComesCompressedToWhoReadsGzipAndPlainToOthers(t *testing.T) {
	s := serve(t, smallCity())
	p := path("buildings,roads", TileAt(centre, 14))
	plain := s.ask(p)
	zipped := s.ask(p, "Accept-Encoding", "br, gzip")
	if plain.StatusCode != 200 || zipped.StatusCode != 200 || zipped.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" {
		t.Fatalf("plain %d %v, zipped %d %v", plain.StatusCode, plain.Header, zipped.StatusCode, zipped.Header)
	}
	if ct := plain.Header.Get("Content-Type"); ct != "application/vnd.mapbox-vector-tile" {
		t.Errorf("content type %q", ct)
	}
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if string(unzipped) != string(s.body(plain)) {
		t.Error("the two bodies differ")
	}
	if features(t, unzipped) != 2 {
		t.Errorf("%d features, want the tower and the road", features(t, unzipped))
	}
	if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
		t.Error("two representations have one strong ETag")
	}
}

func TestAnETagChangesWithTheTilesContentAndNotOtherwise(t *testing.T) {
	c := smallCity()
	s := serve(t, c)
	p := path("devices", TileAt(centre, 14))
	first := s.ask(p).Header.Get("ETag")
	if r := s.ask(p, "If-None-Match", first); r.StatusCode != http.StatusNotModified || len(s.body(r)) != 0 {
		t.Errorf("an unchanged tile is answered with %d", r.StatusCode)
	}
	if n := s.Stats().Encoded; n != 1 {
		t.Errorf("encoded %d times, want once", n)
	}

	// Something else changes in the same place.
	c.take(cim.Positions{Positions: []cim.Position{{Unit: "u1", Time: noon.Add(time.Second), Lon: centre[0], Lat: centre[1]}}})
	if got := s.ask(p).Header.Get("ETag"); got != first {
		t.Error("a unit moved and the tile of devices has another ETag")
	}
	if n := s.Stats().Encoded; n != 1 {
		t.Errorf("encoded %d times, want once: no device changed", n)
	}

	// The same value again: the model may have changed, the tile has not.
	c.take(cim.Observations{Observations: []cim.Observation{{Device: "air-1", Property: "pm2_5", Time: noon.Add(time.Second), Value: 35.5}}})
	if got := s.ask(p).Header.Get("ETag"); got != first {
		t.Error("the same value came again and the ETag changed")
	}

	c.take(cim.Observations{Observations: []cim.Observation{{Device: "air-1", Property: "pm2_5", Time: noon.Add(2 * time.Second), Value: 36}}})
	r := s.ask(p, "If-None-Match", first)
	if r.StatusCode != 200 || r.Header.Get("ETag") == first {
		t.Errorf("a new value came and the answer is %d with ETag %s", r.StatusCode, r.Header.Get("ETag"))
	}
}

func TestAnEmptyTileHasNoContent(t *testing.T) {
	s := serve(t, smallCity())
	for _, p := range []string{path("devices", Tile{14, 0, 0}), path("buildings", TileAt(centre, 5))} {
		if r := s.ask(p, "Accept-Encoding", "gzip"); r.StatusCode != http.StatusNoContent || len(s.body(r)) != 0 {
			t.Errorf("%s is answered with %d", p, r.StatusCode)
		}
	}
}

func TestReadersOfDifferentScopesNeverShareATile(t *testing.T) {
	s := serve(t, smallCity())
	p := path("devices", TileAt(centre, 14))
	if r := s.ask(p); r.StatusCode != 200 {
		t.Fatalf("status %d", r.StatusCode)
	}
	s.scope.Region = "320584"
	if r := s.ask(p); r.StatusCode != http.StatusNoContent {
		t.Errorf("the neighbour gets %d, want nothing", r.StatusCode)
	}
	s.scope = cim.Whole().Only(cim.LayersOf(cim.LayerRoads))
	if r := s.ask(p); r.StatusCode != http.StatusNoContent {
		t.Errorf("a reader of roads gets %d, want nothing", r.StatusCode)
	}
}

func TestAWrongAddressIsAProblemThatSaysWhatWouldBeRight(t *testing.T) {
	s := serve(t, smallCity())
	cases := []struct {
		path   string
		status int
		field  string
	}{
		{"/tiles/trees/1/0/0.mvt", 404, "layers"},
		{"/tiles/roads,/1/0/0.mvt", 404, "layers"},
		{"/tiles/trees.json", 404, "layers"},
		{"/tiles/roads/x/0/0.mvt", 400, "z"},
		{"/tiles/roads/1/-1/0.mvt", 400, "x"},
		{"/tiles/roads/1/0/99999999999.mvt", 400, "y"},
		{"/tiles/roads/1/2/0.mvt", 404, "z/x/y"},
		{"/tiles/roads/19/0/0.mvt", 404, "z/x/y"},
		{"/tiles/roads/1/0/0.png", 404, ""},
		{"/tiles/roads/1/0.mvt", 404, ""},
		{"/style.json?theme=pink", 400, "theme"},
		{"/style.json?lang=fr", 400, "lang"},
	}
	for _, c := range cases {
		r := s.ask(c.path)
		var p problem
		if err := json.Unmarshal(s.body(r), &p); err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if r.StatusCode != c.status || r.Header.Get("Content-Type") != "application/problem+json" || p.Status != c.status || p.Detail == "" {
			t.Errorf("%s: %d %+v, want %d", c.path, r.StatusCode, p, c.status)
		}
		if c.field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != c.field || p.Errors[0].Expected == "") {
			t.Errorf("%s: errors %+v, want one about %s", c.path, p.Errors, c.field)
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path("roads", Tile{}), nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered with %d", w.Code)
	}
}

func TestTheCacheKeepsToItsBoundAndAnswersRightWhenItForgets(t *testing.T) {
	c := townCity()
	s := serve(t, c)
	s.cache = newCache(60_000)
	want := map[string]string{}
	tile := TileAt(centre, 15)
	for round := range 2 {
		for dx := range uint32(6) {
			for dy := range uint32(6) {
				p := path("components,buildings", Tile{tile.Z, tile.X - 3 + dx, tile.Y - 3 + dy})
				etag := s.ask(p).Header.Get("ETag")
				if round == 0 {
					want[p] = etag
				} else if want[p] != etag {
					t.Errorf("%s: ETag %s, was %s", p, etag, want[p])
				}
			}
		}
	}
	stats := s.Stats()
	if stats.Bytes > 60_000 || stats.Tiles == 0 || stats.Tiles > 35 {
		t.Errorf("the cache holds %d tiles in %d bytes", stats.Tiles, stats.Bytes)
	}
}

func TestManyWhoAskAtOnceWaitForOneEncoding(t *testing.T) {
	c := townCity()
	snapshot := c.Snapshot()
	s := NewServer(Config{City: func() *cim.Snapshot { return snapshot }, Scope: func(*http.Request) cim.Scope { return cim.Whole() }})
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path("components", TileAt(centre, 12)), nil))
			if w.Code != 200 {
				t.Errorf("status %d", w.Code)
			}
		})
	}
	wg.Wait()
	if st := s.Stats(); st.Encoded != 1 || st.Kept != 31 {
		t.Errorf("encoded %d times and kept %d, want 1 and 31", st.Encoded, st.Kept)
	}
}

func TestBeforeTheCityIsReadTheReaderIsToldToComeBack(t *testing.T) {
	s := NewServer(Config{City: func() *cim.Snapshot { return nil }, Scope: func(*http.Request) cim.Scope { return cim.Whole() }})
	for _, p := range []string{path("roads", Tile{}), "/tiles/roads.json", "/style.json"} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, p, nil))
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d", p, w.Code)
		}
	}
}

func TestTheTileJSONDescribesWhatTheTilesHold(t *testing.T) {
	s := serve(t, smallCity())
	var doc TileJSON
	if err := json.Unmarshal(s.body(s.ask("http://city.example/tiles/roads,buildings.json", "X-Forwarded-Proto", "https")), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.TileJSON != "3.0.0" || len(doc.Tiles) != 1 || doc.Tiles[0] != "https://city.example/tiles/roads,buildings/{z}/{x}/{y}.mvt" {
		t.Errorf("%+v", doc)
	}
	if len(doc.VectorLayers) != 2 || doc.VectorLayers[1].ID != "buildings" || doc.VectorLayers[1].Fields["height"] != "Number" {
		t.Errorf("vector layers %+v", doc.VectorLayers)
	}
	if doc.MinZoom != Layers[cim.LayerRoads].MinZoom || doc.Bounds == nil || doc.Attribution != "示意边界" {
		t.Errorf("min zoom %d, bounds %v, attribution %q", doc.MinZoom, doc.Bounds, doc.Attribution)
	}
}

func TestTheStyleNamesNothingFromOutsideAndEveryLayerHasTiles(t *testing.T) {
	s := serve(t, smallCity())
	for _, q := range []string{"?theme=dark&lang=zh", "?theme=light&lang=en", ""} {
		r := s.ask("http://city.example/style.json" + q)
		body := s.body(r)
		var style Style
		if err := json.Unmarshal(body, &style); err != nil {
			t.Fatal(err)
		}
		for _, at := range strings.Split(string(body), "http")[1:] {
			if !strings.HasPrefix(at, "://city.example/tiles/") {
				t.Errorf("%s: the style asks for http%.40s", q, at)
			}
		}
		for _, l := range style.Layers {
			if l.Type == "background" {
				continue
			}
			if layer, ok := cim.ParseLayer(l.SourceLayer); !ok || !baseLayers.Has(layer) {
				t.Errorf("%s: layer %s reads %q, which its source has not", q, l.ID, l.SourceLayer)
			}
		}
		if below := style.Metadata["onecity:live-below"]; below == "" || !hasLayer(style, below) {
			t.Errorf("%s: live layers go below %q, which is no layer", q, below)
		}
	}
}

func hasLayer(s Style, id string) bool {
	for _, l := range s.Layers {
		if l.ID == id {
			return true
		}
	}
	return false
}

func TestTheStyleIsValidByMapLibresOwnValidator(t *testing.T) {
	modules, err := filepath.Abs(filepath.Join("..", "web", "app", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	need.File(t, filepath.Join(modules, "@maplibre", "maplibre-gl-style-spec"), "build the front end first")
	s := serve(t, smallCity())
	for _, q := range []string{"?theme=dark&lang=zh", "?theme=light&lang=en"} {
		file := filepath.Join(t.TempDir(), "style.json")
		if err := os.WriteFile(file, s.body(s.ask("/style.json"+q)), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("node", filepath.Join("testdata", "validate.mjs"), modules, file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", q, err, out)
		}
	}
}
