package cim_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// everyFact holds one fact of each type, with all fields set.
func everyFact() []cim.Fact {
	later := noon.Add(time.Hour)
	return []cim.Fact{
		cim.Profile{City: "320583", Name: "昆山市", NameEn: "Kunshan", TimeZone: "Asia/Shanghai", Notices: []string{"模拟数据"}},
		fourTowns(),
		cim.PrivacyPut{Privacy: cim.Privacy{Least: 5}},
		cim.FormulaPut{Formula: cim.Formula{Terms: []cim.Term{
			{Measure: "observation", Property: "pm2_5", Window: cim.Hour, Stat: "mean", Low: 0, High: 150, Weight: 2},
			{Measure: "incidents.open", Low: 0, High: 10, Weight: 1},
		}}},
		cim.ObjectsPut{Objects: []cim.Object{
			{ID: "b1", Layer: cim.LayerBuildings, Class: "Building", Kind: "residential", Name: "一号楼", NameEn: "No. 1",
				Geometry: square(120.95, 31.35, 0.001), Height: 30.5, Base: 1, Grade: 1, Source: "test", Made: true,
				Attributes: map[string]string{"storeys": "10", "材料": "砖"}},
			{ID: "r1", Layer: cim.LayerRoads, Class: "Road", Kind: "primary", Geometry: orb.LineString{{120.91, 31.31}, {121.09, 31.49}}},
			{ID: "w1", Layer: cim.LayerWater, Class: "WaterBody", Kind: "lake", Geometry: orb.MultiPolygon{square(121.0, 31.4, 0.02), square(121.05, 31.4, 0.01)}},
			{ID: "p1", Layer: cim.LayerPlaces, Kind: "town", Name: "千灯镇", Geometry: orb.Point{121.0, 31.3}},
			{ID: "c1", Layer: cim.LayerComponents, Kind: "lamp", Geometry: orb.MultiPoint{{121.01, 31.31}, {121.02, 31.31}}},
		}},
		cim.ObjectsRemoved{IDs: []string{"c1", "nothing"}},
		cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95, 31.35), airDevice("b", 121.05, 31.45)}},
		cim.UnitsPut{Units: []cim.Unit{{ID: "u", Name: "巡查一号", Kind: "grid", Org: "城管", Home: "320583100", Simulated: true}}},
		cim.Observations{Observations: []cim.Observation{
			{Device: "a", Property: "pm2_5", Time: noon, Value: 35.25},
			{Device: "b", Property: "temperature", Time: noon.Add(-time.Second), Value: -3},
		}},
		cim.Positions{Positions: []cim.Position{{Unit: "u", Time: noon, Lon: 120.96, Lat: 31.36, Speed: 1.5, Heading: 270, Status: "moving"}}},
		cim.IncidentPut{Incident: cim.Incident{ID: "i", Version: 2, Class: "E0101", Title: "暴露垃圾", Status: cim.StatusAccepted,
			Severity: 4, Lon: 121, Lat: 31.4, Reported: noon, Due: later, Updated: noon, Channel: "citizen", Photos: []string{"a.jpg"}}},
		cim.Indicators{Indicators: []cim.Indicator{{Feed: "water", Key: "7", Name: "抽检合格率", Time: noon, Lon: 121, Lat: 31.4, Value: 0.97, Unit: "1"}}},
		cim.Tick{},
	}
}

func TestEveryFactComesBackFromTheWireAsItWent(t *testing.T) {
	for _, f := range everyFact() {
		typ := cim.TypeOf(f)
		b, err := cim.Encode(f)
		if err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
		back, err := cim.Decode(typ, b)
		if err != nil {
			t.Fatalf("%s: %v\n%s", typ, err, b)
		}
		again, err := cim.Encode(back)
		if err != nil || string(again) != string(b) {
			t.Errorf("%s: encoded again: %s\nwant %s", typ, again, b)
		}
		if _, regions := f.(cim.RegionsPut); !regions && !reflect.DeepEqual(back, f) {
			t.Errorf("%s came back as %+v", typ, back)
		}
	}
}

func TestAFactThatIsNotWhatItsTypeSaysIsRefused(t *testing.T) {
	for _, c := range []struct{ typ, body, want string }{
		{"onecity.nothing.v1", "{}", "unknown event type"},
		{"onecity.observations.v1", `{"observations":[{"value":"x"}]}`, "observations"},
		{"onecity.observations.v1", `[`, "observations"},
		{"onecity.objects.v1", `{"objects":[{"id":"a","layer":"moon"}]}`, "unknown layer"},
		{"onecity.objects.v1", `{"objects":[{"id":"a","layer":"roads","geometry":{"type":"Blob"}}]}`, "geometry"},
	} {
		f, err := cim.Decode(c.typ, []byte(c.body))
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), c.want) {
			t.Errorf("%s %s: %v, %v", c.typ, c.body, f, err)
		}
	}
}

func TestTheWholeWireFoldsToTheSameCity(t *testing.T) {
	a, b := newCity(t, everyFact()...), newCity(t)
	for _, f := range everyFact() {
		body, err := cim.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		back, err := cim.Decode(cim.TypeOf(f), body)
		if err != nil {
			t.Fatal(err)
		}
		b.take(back)
	}
	if a.Snapshot().Hash() != b.Snapshot().Hash() {
		t.Error("facts that went over the wire make another city")
	}
	if o, ok := b.read().Object("b1"); !ok || o.Region != geo.Code("320583100") || o.Shape().Kind != cim.Polygons {
		t.Errorf("object: %+v", o)
	}
}
