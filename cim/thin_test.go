package cim_test

import (
	"fmt"
	"slices"
	"testing"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// lamps is n×n of them, evenly spread over a quarter of a degree.
func lamps(n int) (f cim.ObjectsPut) {
	for i := range n * n {
		f.Objects = append(f.Objects, cim.Object{
			ID: fmt.Sprintf("lamp-%d", i), Layer: cim.LayerComponents,
			Geometry: orb.Point{120.9 + 0.2*float64(i%n)/float64(n), 31.3 + 0.2*float64(i/n)/float64(n)},
		})
	}
	return f
}

func visited(r cim.Reader, l cim.Layer, b orb.Bound, budget int) (ids []string, all bool) {
	all = r.Objects(l, b, budget, func(o *cim.Object) bool {
		ids = append(ids, o.ID)
		return true
	})
	return ids, all
}

func TestPointsAreThinnedEvenlyOverTheMap(t *testing.T) {
	r := newCity(t, fourTowns(), lamps(100)).read()
	const budget = 1000
	ids, all := visited(r, cim.LayerComponents, whole, budget)
	if all || len(ids) > budget || len(ids) < budget*9/10 {
		t.Fatalf("%d of a budget of %d, all: %v", len(ids), budget, all)
	}
	quarters := map[[2]bool]int{}
	for _, id := range ids {
		o, _ := r.Object(id)
		p := o.Geometry.(orb.Point)
		quarters[[2]bool{p[0] < 121, p[1] < 31.4}]++
	}
	for q, n := range quarters {
		if n < budget/4*3/4 || n > budget/4*5/4 {
			t.Errorf("quarter %v has %d of %d", q, n, len(ids))
		}
	}
	again, _ := visited(r, cim.LayerComponents, whole, budget)
	if !slices.Equal(ids, again) {
		t.Error("the same snapshot gave another order")
	}
}

func TestWhatFitsTheBudgetIsShownWhole(t *testing.T) {
	r := newCity(t, fourTowns(), lamps(20)).read()
	for _, budget := range []int{0, -1, 400, 5000} {
		if ids, all := visited(r, cim.LayerComponents, whole, budget); !all || len(ids) != 400 {
			t.Errorf("budget %d: %d, all: %v", budget, len(ids), all)
		}
	}
	if ids, all := visited(r, cim.LayerComponents, whole, 399); all || len(ids) > 399 {
		t.Errorf("budget 399: %d, all: %v", len(ids), all)
	}
}

func TestTheMostImportantObjectsComeFirst(t *testing.T) {
	var f cim.ObjectsPut
	for i, kind := range []string{"footway", "residential", "motorway", "tertiary", "primary", "service"} {
		y := 31.3 + float64(i)/1000
		f.Objects = append(f.Objects, cim.Object{
			ID: kind, Layer: cim.LayerRoads, Kind: kind, Geometry: orb.LineString{{120.9, y}, {121, y}},
		})
	}
	for i, size := range []float64{0.0001, 0.05, 0.001, 0.01} {
		f.Objects = append(f.Objects, cim.Object{
			ID: fmt.Sprint(size), Layer: cim.LayerWater, Geometry: square(120.9, 31.3+float64(i)/10, size),
		})
	}
	r := newCity(t, fourTowns(), f).read()
	if ids, _ := visited(r, cim.LayerRoads, whole, 0); !slices.Equal(ids, []string{"motorway", "primary", "tertiary", "residential", "service", "footway"}) {
		t.Errorf("roads: %v", ids)
	}
	if ids, _ := visited(r, cim.LayerWater, whole, 0); !slices.Equal(ids, []string{"0.05", "0.01", "0.001", "0.0001"}) {
		t.Errorf("water: %v", ids)
	}
	if ids, all := visited(r, cim.LayerWater, whole, 2); all || !slices.Equal(ids, []string{"0.05", "0.01"}) {
		t.Errorf("two of the water: %v, all: %v", ids, all)
	}
}

func TestObjectsAreFoundWhereTheyAreAndNowhereElse(t *testing.T) {
	forSeeds(t, 4, func(t *testing.T, seed uint64) {
		r := fold(chapter(seed, 400), true).Snapshot().In(cim.Whole())
		everything := see(r)
		s := newStory(seed + 100)
		for range 100 {
			lon, lat := s.Place()
			b := orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{lon + s.Float64()/10, lat + s.Float64()/10}}
			for _, l := range []cim.Layer{cim.LayerWater, cim.LayerRoads, cim.LayerBuildings, cim.LayerPlaces, cim.LayerComponents} {
				ids, _ := visited(r, l, b, 0)
				for k, what := range everything {
					if k.layer == l && slices.Contains(ids, k.id) != what.bound.Intersects(b) {
						t.Errorf("%v at %v in %v: found %v", k, what.bound, b, slices.Contains(ids, k.id))
					}
				}
			}
			found := 0
			r.Devices(b, 0, func(d *cim.DeviceState) bool { found++; return true })
			want := 0
			for k, what := range everything {
				if k.layer == cim.LayerDevices && what.bound.Intersects(b) {
					want++
				}
			}
			if found != want {
				t.Errorf("%d devices in %v, want %d", found, b, want)
			}
		}
	})
}
