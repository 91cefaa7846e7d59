package cim_test

import (
	"testing"

	"onecity/cim"

	"github.com/paulmach/orb"
)

func TestChangesNameEverythingThatAReaderSeesChange(t *testing.T) {
	forSeeds(t, 8, func(t *testing.T, seed uint64) {
		m := cim.NewModel()
		before := see(m.Snapshot().In(cim.Whole()))
		for _, e := range chapter(seed, 250) {
			named := map[key]bool{} // → gone
			for _, r := range m.Fold(e).Refs {
				k := key{r.Layer, r.ID, 0}
				if r.Layer == cim.LayerCells {
					k.cell = r.Cell
				}
				named[k] = r.Gone
			}
			r := m.Snapshot().In(cim.Whole())
			after := see(r)
			for k, now := range after {
				if was, ok := before[k]; ok && was.tells == now.tells {
					continue
				}
				if gone, ok := named[k]; !ok || gone {
					t.Fatalf("event %d, %T: %v changed and is not named\nwas %s\nnow %s", e.Seq, e.Fact, k, before[k].tells, now.tells)
				}
				stale(t, r, e, k, now.bound)
				if was, ok := before[k]; ok {
					stale(t, r, e, k, was.bound)
				}
			}
			for k, was := range before {
				if _, ok := after[k]; ok {
					continue
				}
				if gone, ok := named[k]; !ok || !gone && k.layer != cim.LayerCells {
					t.Fatalf("event %d, %T: %v is gone and not named so", e.Seq, e.Fact, k)
				}
				stale(t, r, e, k, was.bound)
			}
			before = after
		}
	})
}

// stale: where something changed, Fresh must say so, in any rectangle with it.
func stale(t *testing.T, r cim.Reader, e cim.Event, k key, b orb.Bound) {
	t.Helper()
	places := []orb.Bound{b, b.Pad(0.001), b.Pad(0.1)}
	if k.layer == cim.LayerCells {
		for _, res := range []int{8, 7, 6, 5, 3, 0} {
			places = append(places, k.cell.Parent(res).Centre().Bound())
		}
	}
	for _, at := range places {
		if got := r.Fresh(k.layer, at); got < e.Seq {
			t.Fatalf("event %d, %T: %v changed in %v, but Fresh says %d", e.Seq, e.Fact, k, at, got)
		}
	}
}

func TestFreshIsNotTroubledByWhatChangesFarAway(t *testing.T) {
	c := newCity(t, fourTowns(), cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95, 31.35), airDevice("b", 121.05, 31.45)}})
	c.take(observed("a", "pm2_5", noon, 1))
	here := c.seq
	c.take(observed("b", "pm2_5", noon, 1))
	r := c.read()
	near := orb.Bound{Min: orb.Point{120.945, 31.345}, Max: orb.Point{120.955, 31.355}}
	if got := r.Fresh(cim.LayerDevices, near); got != here {
		t.Errorf("near a: %d, want %d", got, here)
	}
	if got := r.Fresh(cim.LayerDevices, whole); got != c.seq {
		t.Errorf("in the whole city: %d, want %d", got, c.seq)
	}
	if got := r.Fresh(cim.LayerUnits, whole); got != 0 {
		t.Errorf("units: %d", got)
	}
}
