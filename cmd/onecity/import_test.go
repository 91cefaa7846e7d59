package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/internal/servertest"

	"github.com/paulmach/orb"
)

const houses = `{"type":"FeatureCollection","features":[
	{"type":"Feature","id":"hall","properties":{"name":"试验楼"},"geometry":{"type":"Polygon","coordinates":[[[120.97,31.385],[120.9705,31.385],[120.9705,31.3854],[120.97,31.3854],[120.97,31.385]]]}},
	{"type":"Feature","id":"bowtie","properties":{},"geometry":{"type":"Polygon","coordinates":[[[120.97,31.385],[120.98,31.395],[120.98,31.385],[120.97,31.395],[120.97,31.385]]]}}]}`

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnImportThatCannotBeSaysWhy(t *testing.T) {
	good := file(t, "houses.geojson", houses)
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"a file that is not there", []string{"none.geojson"}, []string{"none.geojson", "no such file"}},
		{"a folder", []string{t.TempDir()}, []string{"not a regular file"}},
		{"an unknown format", []string{file(t, "notes.xyz", "hello")}, []string{"notes.xyz", "no format", "geojson", "geopackage"}},
		{"a file that is not what its name says", []string{file(t, "broken.geojson", "{")}, []string{"broken.geojson", "geojson"}},
		{"an unknown coordinate system", []string{"--dry-run", "--crs", "EPSG:9999", good}, []string{"--crs", "EPSG:9999", "EPSG:4490"}},
		{"an unknown layer", []string{"--layer", "clouds", good}, []string{"unknown layer clouds"}},
		{"an unknown layer among those wanted", []string{"--only", "roads,clouds", good}, []string{"unknown layer clouds"}},
		{"a mapping that is not there", []string{"--mapping", "none.json", good}, []string{"none.json"}},
		{"a server that is not there", []string{"--url", "http://127.0.0.1:1", "--layer", "buildings", good}, []string{"http://127.0.0.1:1", "refused"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, said := command(t, append([]string{"import"}, c.args...)...)
			if status != 1 {
				t.Errorf("status %d, printed %q", status, out)
			}
			last := said[strings.LastIndex(strings.TrimSpace(said), "\n")+1:]
			for _, w := range c.want {
				if !strings.HasPrefix(last, "onecity: ") || !strings.Contains(last, w) {
					t.Errorf("said %q, want %q in its last line", said, w)
				}
			}
		})
	}
}

func TestADryRunChecksAndSendsNothing(t *testing.T) {
	status, out, said := command(t, "import", "--dry-run", "--url", "http://127.0.0.1:1", "--layer", "buildings", file(t, "houses.geojson", houses))
	if status != 0 {
		t.Fatalf("status %d: %s", status, said)
	}
	for _, want := range []string{"要素 features 2", "对象 objects 1", "buildings 1", "bowtie"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in the report:\n%s", want, out)
		}
	}
}

// What nobody asked for is counted and named: without --layer a mapping of
// columns takes none of these.
func TestAnImportSaysWhatItLeftOut(t *testing.T) {
	status, out, _ := command(t, "import", "--dry-run", file(t, "houses.geojson", houses))
	if status != 0 || !strings.Contains(out, "略过 skipped") {
		t.Errorf("status %d:\n%s", status, out)
	}
}

func TestWhatIsImportedStandsInTheServersCity(t *testing.T) {
	s := servertest.Start(t)
	status, out, said := command(t, "import", "--url", s.URL, "--layer", "buildings", "--source", "测绘院", file(t, "houses.geojson", houses))
	if status != 0 {
		t.Fatalf("status %d: %s%s", status, out, said)
	}
	city := s.Settle()
	var names []string
	world := orb.Bound{Min: orb.Point{-180, -85}, Max: orb.Point{180, 85}}
	city.Objects(cim.LayerBuildings, world, 0, func(o *cim.Object) bool {
		names = append(names, o.Name)
		return true
	})
	if len(names) != 1 || names[0] != "试验楼" {
		t.Errorf("the buildings of the city: %q", names)
	}
}
