package cim_test

import (
	"testing"
	"time"

	"onecity/cim"
)

func TestFoldingAnObservationAllocatesNothingBetweenSnapshots(t *testing.T) {
	c := newCity(t, fourTowns(), cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95, 31.35)}})
	f := cim.Observations{Observations: make([]cim.Observation, 1)}
	at, fact := noon, cim.Fact(f)
	one := func() {
		at = at.Add(time.Millisecond)
		f.Observations[0] = cim.Observation{Device: "a", Property: "pm2_5", Time: at, Value: 30}
		c.seq++
		c.Fold(cim.Event{Seq: c.seq, At: noon, Fact: fact})
	}
	one()
	if n := testing.AllocsPerRun(1000, one); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if got := c.read().Tally("").Observations.Total; got < 1000 {
		t.Errorf("only %d were taken", got)
	}
}

func TestVisitingObjectsAllocatesNothingForEach(t *testing.T) {
	c := newCity(t, fourTowns())
	for _, f := range manyObjects(2000, 500) {
		c.take(f)
	}
	r := c.read()
	visit := func(layer cim.Layer) float64 {
		return testing.AllocsPerRun(10, func() {
			r.Objects(layer, benchBound, 0, func(*cim.Object) bool { return true })
		})
	}
	for _, l := range []cim.Layer{cim.LayerComponents, cim.LayerBuildings} {
		if n := visit(l); n > 20 {
			t.Errorf("%s: %v allocations", l, n)
		}
	}
}
