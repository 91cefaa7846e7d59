package citymodel_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/citymodel"

	"github.com/paulmach/orb"
)

func TestCityJSONBecomesFootprintsWithHeights(t *testing.T) {
	k, r := imported(t, "testdata/block.city.json", citymodel.Options{IDPrefix: "m"})
	if r.CRS != "EPSG:4549" {
		t.Errorf("in %s", r.CRS)
	}
	house := k.byID("m/house")
	if house.Class != "Building" || house.Kind != "library" || house.Name != "昆山图书馆" || house.Height != 12.5 {
		t.Errorf("house %+v", house)
	}
	ring := house.Geometry.(orb.Polygon)[0]
	c, _ := geo.GaussKruger(120, false)
	want := c.ToCGCS2000(orb.Point{495000, 3473000})
	if len(ring) != 5 || ring.Orientation() != orb.CCW || math.Hypot(ring[0][0]-want[0], ring[0][1]-want[1]) > 1e-7 {
		t.Errorf("footprint %v, want a corner at %v", ring, want)
	}
	tower := k.byID("m/tower")
	if tower.Class != "BuildingPart" || tower.Height != 48 || tower.Name != "昆山图书馆" || tower.Attributes["parent"] != "house" {
		t.Errorf("a part has its own height and its parent's name: %+v", tower)
	}
	if _, ok := tower.Geometry.(orb.Polygon); !ok {
		t.Errorf("without semantics the foot is found: %v", tower.Geometry)
	}
	if o := k.byID("m/lamp"); o.Layer != cim.LayerComponents || o.Kind != "street_lamp" || o.Height != 0 {
		t.Errorf("lamp %+v", o)
	}
	if o := k.byID("m/pond"); o.Layer != cim.LayerWater || o.Height != 0 {
		t.Errorf("pond %+v", o)
	}
	if o := k.byID("m/street"); o.Layer != cim.LayerRoads || o.Class != "Road" {
		t.Errorf("street %+v", o)
	}
	got := reasons(r)
	if got["broken"] != "malformed" || got["wall"] != "invalid-geometry" || r.RejectedTotal != 2 {
		t.Errorf("rejected %v", r.Rejected)
	}
	if len(k.objects) != 5 || r.Features != 9 {
		t.Errorf("%d objects of %d features", len(k.objects), r.Features)
	}
}

func TestTheLevelOfDetailIsTheCallersChoice(t *testing.T) {
	k, r := imported(t, "testdata/block.city.json", citymodel.Options{LOD: "0.0"})
	if len(k.objects) != 1 || k.objects[0].Height != 0 || r.Reasons["no-geometry"] == 0 {
		t.Errorf("LoD 0.0: %+v, %v", k.objects, r.Reasons)
	}
}

func TestCityJSONSeqIsTheSameModelLineByLine(t *testing.T) {
	b, err := os.ReadFile("testdata/block.city.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	var objects map[string]json.RawMessage
	if err := json.Unmarshal(doc["CityObjects"], &objects); err != nil {
		t.Fatal(err)
	}
	line := func(m map[string]any) string {
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	text := line(map[string]any{"type": "CityJSON", "version": "2.0", "transform": doc["transform"], "metadata": doc["metadata"],
		"CityObjects": map[string]any{}, "vertices": []any{}})
	for name, o := range objects {
		text += line(map[string]any{"type": "CityJSONFeature", "id": name, "vertices": doc["vertices"],
			"CityObjects": map[string]any{name: o}})
	}
	k, _ := imported(t, written(t, "block.city.jsonl", []byte(text)), citymodel.Options{IDPrefix: "m"})
	whole, _ := imported(t, "testdata/block.city.json", citymodel.Options{IDPrefix: "m"})
	if len(k.objects) != len(whole.objects) {
		t.Fatalf("%d objects, want %d", len(k.objects), len(whole.objects))
	}
	for _, o := range whole.objects {
		if p := k.byID(o.ID); p == nil || !orb.Equal(p.Geometry, o.Geometry) || p.Height != o.Height {
			t.Errorf("%s: %+v, want %+v", o.ID, p, o)
		}
	}
	_, err = citymodel.Import(t.Context(), written(t, "a.city.jsonl", []byte(text[strings.IndexByte(text, '\n')+1:])), citymodel.Options{}, (&taken{}).emit, nil)
	if err == nil || !strings.Contains(err.Error(), "CityJSON comes first") {
		t.Errorf("features without their head: %v", err)
	}
}
