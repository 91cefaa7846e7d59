package tiles

import (
	"fmt"
	"testing"

	"onecity/cim"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
)

// maxAllocs is what encoding a tile may allocate, however many features it has.
const maxAllocs = 100

func TestATileOfThousandsOfFeaturesTakesFewAllocations(t *testing.T) {
	r := townCity().read(live...)
	p := NewPainter()
	for _, z := range benchZooms {
		tile := TileAt(centre, z)
		out := p.Append(nil, r, tile)
		if z <= 14 && features(t, out) < 1000 {
			t.Fatalf("z%d has only %d features", z, features(t, out))
		}
		if n := testing.AllocsPerRun(10, func() { out = p.Append(out[:0], r, tile) }); n > maxAllocs {
			t.Errorf("z%d: %v allocations, want at most %d", z, n, maxAllocs)
		}
	}
}

// Looks are remembered; two that differ in one property must stay two.
func TestObjectsThatAreNearlyTheSameKeepWhatTellsThemApart(t *testing.T) {
	base := cim.Object{Layer: cim.LayerComponents, Class: "CityFurniture", Kind: "lamp", Name: "灯", NameEn: "lamp", Height: 4, Base: 1}
	vary := []func(*cim.Object){
		func(*cim.Object) {},
		func(o *cim.Object) { o.Class = "SolitaryVegetationObject" },
		func(o *cim.Object) { o.Kind = "lime" },
		func(o *cim.Object) { o.Name = "杆" },
		func(o *cim.Object) { o.Name = "" },
		func(o *cim.Object) { o.NameEn = "pole" },
		func(o *cim.Object) { o.Height = 4.0001 },
		func(o *cim.Object) { o.Base = 0 },
		func(o *cim.Object) { o.Made = true },
	}
	objects := map[string]cim.Object{}
	var batch cim.ObjectsPut
	for i := range 20 * len(vary) {
		o := base
		vary[i%len(vary)](&o)
		o.ID = fmt.Sprintf("o%03d", i)
		o.Geometry = orb.Point{centre[0] + float64(i)*1e-6, centre[1]}
		objects[o.ID] = o
		batch.Objects = append(batch.Objects, o)
	}
	data := NewPainter().Append(nil, newCity(batch).read(cim.LayerComponents), TileAt(centre, 16))
	layers, err := mvt.Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(layers[0].Features); n != len(objects) {
		t.Fatalf("%d features, want %d", n, len(objects))
	}
	for _, f := range layers[0].Features {
		o := objects[f.Properties["id"].(string)]
		want := map[string]any{"id": o.ID, "class": o.Class, "kind": o.Kind, "nameEn": o.NameEn, "height": float64(o.Height)}
		if o.Name != "" {
			want["name"] = o.Name
		}
		if o.Base > 0 {
			want["base"] = float64(o.Base)
		}
		if o.Made {
			want["made"] = true
		}
		if fmt.Sprint(map[string]any(f.Properties)) != fmt.Sprint(want) {
			t.Errorf("%s is %v, want %v", o.ID, f.Properties, want)
		}
	}
}
