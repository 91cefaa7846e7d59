package tiles

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/internal/need"
)

// orbTestdata reads a file of orb's test data out of the module cache.
func orbTestdata(t *testing.T, name string) []byte {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/paulmach/orb").Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "encoding", "mvt", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tilesToRead are tiles of the big city and of the small one.
func tilesToRead(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, z := range benchZooms {
		tile := TileAt(centre, z)
		all[fmt.Sprintf("town-%d", z)] = NewPainter().Append(nil, townCity().read(), tile)
	}
	all["small-14"] = NewPainter().Append(nil, smallCity().read(), TileAt(centre, 14))
	return all
}

// counts is features by layer as orb's decoder has them.
func counts(t *testing.T, data []byte) map[string]int {
	n := map[string]int{}
	for _, l := range decoded(t, data).Layers {
		n[l.GetName()] = len(l.Features)
	}
	return n
}

// TestGDALFindsNoBuildingThatCrossesItself asks for more than the standard
// does (SHOULD NOT, MVT 2.1 §4.3.4.4).
func TestGDALFindsNoBuildingThatCrossesItself(t *testing.T) {
	ogr := need.Program(t, "ogrinfo", "gdal-bin")
	for _, z := range []uint8{13, 14, 15, 16} {
		tile := TileAt(centre, z)
		file := filepath.Join(t.TempDir(), "buildings.mvt")
		if err := os.WriteFile(file, NewPainter().Append(nil, townCity().read(cim.LayerBuildings), tile), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(ogr, "-q", "-oo", "CLIP=NO", "-dialect", "SQLite", "-sql",
			"SELECT count(*) AS n, sum(NOT ST_IsValid(geometry)) AS crossed FROM buildings "+
				// A ring cut in two at the tile's edge is joined along it (clipRing).
				"WHERE MbrMinX(geometry) > -64 AND MbrMaxX(geometry) < 4160 AND MbrMinY(geometry) > -64 AND MbrMaxY(geometry) < 4160", file).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !strings.Contains(string(out), "crossed (Integer) = 0") { // NULL when there are none
			t.Errorf("zoom %d: %s", z, out)
		}
	}
}

func TestGDALReadsEveryTile(t *testing.T) {
	ogr := need.Program(t, "ogrinfo", "gdal-bin")
	summary := regexp.MustCompile(`Layer name: (\S+)\nGeometry: .*\nFeature Count: (\d+)\n`)
	dir := t.TempDir()
	for name, data := range tilesToRead(t) {
		file := filepath.Join(dir, name+".mvt")
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(ogr, "-al", "-so", "-oo", "CLIP=NO", file).CombinedOutput()
		if err != nil || strings.Contains(string(out), "ERROR") || strings.Contains(string(out), "Warning") {
			t.Fatalf("ogrinfo on %s: %v\n%s", name, err, out)
		}
		got := map[string]int{}
		for _, m := range summary.FindAllStringSubmatch(string(out), -1) {
			got[m[1]], _ = strconv.Atoi(m[2])
		}
		if want := counts(t, data); !maps.Equal(got, want) {
			t.Errorf("%s: GDAL reads %v, want %v", name, got, want)
		}
	}
}

// TestMapboxReadsEveryTile uses the reference decoder of the browser, which
// MapLibre depends on too.
func TestMapboxReadsEveryTile(t *testing.T) {
	modules := filepath.Join("..", "web", "app", "node_modules")
	need.File(t, filepath.Join(modules, "@mapbox", "vector-tile"), "build the front end first")
	dir, err := filepath.Abs(modules)
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	for name, data := range tilesToRead(t) {
		file := filepath.Join(tmp, name+".mvt")
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("node", filepath.Join("testdata", "read.mjs"), dir, file)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("node: %v\n%s", err, out)
		}
		var got map[string]struct {
			Features, Version, Extent, Rings, Reversed int
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		for layer, want := range counts(t, data) {
			g := got[layer]
			if g.Features != want || g.Version != 2 || g.Extent != Extent || g.Reversed != 0 {
				t.Errorf("%s, layer %s: read as %+v, want %d features", name, layer, g, want)
			}
		}
	}
}
