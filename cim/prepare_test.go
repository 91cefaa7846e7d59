package cim_test

import (
	"maps"
	"slices"
	"testing"

	"onecity/cim"

	"github.com/paulmach/orb"
)

func TestPreparedObjectsMakeTheSameCity(t *testing.T) {
	forSeeds(t, 8, func(t *testing.T, seed uint64) {
		plain, prepared := cim.NewModel(), cim.NewModel()
		for _, e := range chapter(seed, 200) {
			plain.Fold(e)
			if f, ok := e.Fact.(cim.ObjectsPut); ok {
				f.Objects = append(slices.Clone(f.Objects),
					cim.Object{ID: "empty", Layer: cim.LayerRoads, Geometry: orb.LineString{}},
					cim.Object{ID: "none", Layer: cim.LayerRoads})
				e.Fact = f.Prepared()
			}
			prepared.Fold(e)
		}
		a, b := plain.Snapshot(), prepared.Snapshot()
		if a.Hash() != b.Hash() {
			t.Error("it is another city")
		}
		if !maps.Equal(see(a.In(cim.Whole())), see(b.In(cim.Whole()))) {
			t.Error("a reader sees another city")
		}
	})
}

func TestOnePreparedFactIsFoldedIntoTwoCities(t *testing.T) {
	f := cim.ObjectsPut{Objects: []cim.Object{{ID: "a", Layer: cim.LayerPlaces, Geometry: orb.Point{121, 31.4}}}}.Prepared()
	one, two := newCity(t, everyFact()...), newCity(t, f)
	one.take(f)
	var seen []*cim.Object
	for _, c := range []*city{one, two} {
		o, ok := c.Snapshot().In(cim.Whole()).Object("a")
		if !ok {
			t.Fatal("it is missing")
		}
		seen = append(seen, o)
	}
	if seen[0] == seen[1] {
		t.Error("the cities share the object")
	}
}
