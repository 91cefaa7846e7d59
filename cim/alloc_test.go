package cim_test

import (
	"math/rand/v2"
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

// The running server publishes 40 snapshots a second; each makes the next
// changes copy what they touch.
func TestFoldingAnObservationAllocatesAtMostTwiceWithSnapshots(t *testing.T) {
	const perSnapshot = 500 // 20,000 observations a second
	c := deviceCity(t, 5000)
	r := rand.New(rand.NewPCG(3, 3))
	c.take(factsOf(round(5000, c.now, r))...) // so that every stream and series exists
	const runs = 20
	var batches [][]cim.Fact
	all := round(5000, c.now.Add(time.Second), r)
	for i := range runs + 1 {
		n := perSnapshot / len(benchStreams)
		batches = append(batches, factsOf(all[i*n:(i+1)*n]))
	}
	c.now = c.now.Add(time.Second)
	run, seq := 0, uint64(0)
	n := testing.AllocsPerRun(runs, func() {
		c.take(batches[run]...)
		run++
		seq = c.Snapshot().Seq()
	})
	if each := n / perSnapshot; each > 2 {
		t.Errorf("%.2f allocations an observation", each)
	}
	if seq != c.seq {
		t.Errorf("the snapshot is at %d, want %d", seq, c.seq)
	}
}

func factsOf(os []cim.Observations) []cim.Fact {
	fs := make([]cim.Fact, len(os))
	for i, o := range os {
		fs[i] = o
	}
	return fs
}
