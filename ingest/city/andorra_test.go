package city

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/internal/need"
)

// extract is the file that comes with the module that reads it.
func extract(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/paulmach/osm").Output()
	if err != nil {
		need.Missing(t, "the module with the extract is not on this machine: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "testdata", "andorra-latest.osm.bz2")
}

func TestAndorraComesWithItsParishesAndEndsWithItsProfile(t *testing.T) {
	var kinds []string
	var regions int
	objects := map[cim.Layer]int{}
	err := Load(context.Background(), "andorra", Options{OSM: extract(t)}, func(f cim.Fact) error {
		if k := cim.TypeOf(f); len(kinds) == 0 || kinds[len(kinds)-1] != k {
			kinds = append(kinds, k)
		}
		switch f := f.(type) {
		case cim.Profile:
			if f.City != "AD" || !strings.Contains(f.Notices[1], "OpenStreetMap contributors") {
				t.Errorf("profile: %+v", f)
			}
		case cim.RegionsPut:
			regions = len(f.Regions)
		case cim.ObjectsPut:
			for _, o := range f.Objects {
				objects[o.Layer]++
				if o.Made {
					t.Fatalf("%s is marked as made", o.ID)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(kinds, " "); got != "onecity.formula.v1 onecity.regions.v1 onecity.objects.v1 onecity.profile.v1" {
		t.Errorf("order: %s", got)
	}
	if regions != 8 || objects[cim.LayerBuildings] < 2900 || objects[cim.LayerRoads] < 3800 {
		t.Errorf("%d regions, objects %v", regions, objects)
	}
}

func TestAndorraNeedsItsExtract(t *testing.T) {
	none := func(cim.Fact) error { return nil }
	if err := Load(context.Background(), "andorra", Options{}, none); err == nil {
		t.Error("loaded without a file")
	}
	path := filepath.Join(t.TempDir(), "empty.osm")
	if err := os.WriteFile(path, []byte(`<osm version="0.6"></osm>`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Load(context.Background(), "andorra", Options{OSM: path}, none); err == nil || !strings.Contains(err.Error(), "is it the extract") {
		t.Errorf("an empty file: %v", err)
	}
}
