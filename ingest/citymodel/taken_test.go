package citymodel_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/citymodel"
)

// extract finds one of the OpenStreetMap extracts that module paulmach/osm has
// among its test data.
func extract(t testing.TB, name string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/paulmach/osm").Output()
	if err != nil {
		t.Fatalf("find module paulmach/osm: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "testdata", name)
}

// taken is what an import emitted.
type taken struct {
	objects []cim.Object
	regions []geo.Region
	facts   []cim.Fact
}

func (k *taken) emit(f cim.Fact) error {
	k.facts = append(k.facts, f)
	switch f := f.(type) {
	case cim.ObjectsPut:
		k.objects = append(k.objects, f.Objects...)
	case cim.RegionsPut:
		k.regions = append(k.regions, f.Regions...)
	}
	return nil
}

func (k *taken) byID(id string) *cim.Object {
	for i := range k.objects {
		if k.objects[i].ID == id {
			return &k.objects[i]
		}
	}
	return nil
}

func imported(t testing.TB, path string, o citymodel.Options) (*taken, citymodel.Report) {
	t.Helper()
	k := &taken{}
	r, err := citymodel.Import(context.Background(), path, o, k.emit, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k, r
}
