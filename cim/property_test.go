package cim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"onecity/cim"
)

// fold folds events in their order under new numbers, with a snapshot now and
// then, and then a last tick, so that all end at one time.
func fold(es []cim.Event, snapshots bool) *cim.Model {
	m := cim.NewModel()
	for i, e := range es {
		e.Seq = uint64(i) + 1
		m.Fold(e)
		if snapshots && i%7 == 0 {
			m.Snapshot()
		}
	}
	m.Fold(cim.Event{Seq: uint64(len(es)) + 1, At: es[len(es)-1].At.Add(time.Minute), Fact: cim.Tick{}})
	return m
}

func forSeeds(t *testing.T, n int, fn func(t *testing.T, seed uint64)) {
	for seed := range uint64(n) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { fn(t, seed) })
	}
}

func TestTwoFoldsOfTheSameEventsAreEqual(t *testing.T) {
	forSeeds(t, 10, func(t *testing.T, seed uint64) {
		a, b := fold(chapter(seed, 400), false), fold(chapter(seed, 400), true)
		if a.Snapshot().Hash() != b.Snapshot().Hash() {
			t.Error("they differ")
		}
	})
}

func TestAnEventThatComesAgainChangesNothing(t *testing.T) {
	forSeeds(t, 20, func(t *testing.T, seed uint64) {
		es := settled(chapter(seed, 400))
		r := rand.New(rand.NewPCG(seed, 1))
		var again []cim.Event
		for i, e := range es {
			again = append(again, e)
			if k := max(0, i-r.IntN(20)); mayComeAgain(es[k].Fact) {
				again = append(again, cim.Event{At: e.At, Fact: es[k].Fact})
			}
		}
		if fold(es, false).Snapshot().Hash() != fold(again, true).Snapshot().Hash() {
			t.Error("the city differs")
		}
	})
}

// settled is the story with all devices and units there from the beginning: an
// observation that came before its device was not taken, and is new when it
// comes again.
func settled(es []cim.Event) []cim.Event {
	var ds cim.DevicesPut
	var us cim.UnitsPut
	for i := range 12 {
		d := cim.Device{ID: fmt.Sprintf("d%d", i), Lon: 120.9 + float64(i)/100, Lat: 31.35}
		for _, p := range []cim.Property{"pm2_5", "temperature", "noise", "cover_open"} {
			d.Datastreams = append(d.Datastreams, cim.Datastream{Property: p})
		}
		ds.Devices = append(ds.Devices, d)
		us.Units = append(us.Units, cim.Unit{ID: fmt.Sprintf("u%d", i)})
	}
	out := []cim.Event{{At: noon, Fact: ds}, {At: noon, Fact: us}}
	for _, e := range es {
		switch e.Fact.(type) {
		case cim.DevicesPut, cim.UnitsPut:
		default:
			out = append(out, e)
		}
	}
	return out
}

// mayComeAgain: facts that carry their own time or version. Puts of standing
// things say how things are now, whenever they come.
func mayComeAgain(f cim.Fact) bool {
	switch f.(type) {
	case cim.Observations, cim.Positions, cim.IncidentPut, cim.Indicators, cim.Tick:
		return true
	}
	return false
}

func TestHowFactsAreGroupedMakesNoDifference(t *testing.T) {
	forSeeds(t, 20, func(t *testing.T, seed uint64) {
		es := chapter(seed, 400)
		r := rand.New(rand.NewPCG(seed, 2))
		var split []cim.Event
		for _, e := range es {
			for _, f := range inBatches(r, e.Fact) {
				split = append(split, cim.Event{At: e.At, Fact: f})
			}
		}
		if fold(es, true).Snapshot().Hash() != fold(split, false).Snapshot().Hash() {
			t.Error("the city differs")
		}
	})
}

func TestAPutThatSaysNothingNewMakesNoChange(t *testing.T) {
	c := newCity(t, everyFact()...)
	before := c.Snapshot().Hash()
	for _, f := range everyFact() {
		if _, removed := f.(cim.ObjectsRemoved); removed {
			continue
		}
		if o, ok := f.(cim.ObjectsPut); ok {
			o.Objects = o.Objects[:4] // c1 was removed
			f = o
		}
		if ch := c.take(f); len(ch.Refs) > 0 {
			t.Errorf("%T made changes: %+v", f, ch.Refs)
		}
	}
	if c.Snapshot().Hash() != before {
		t.Error("the city differs")
	}
}

func TestAnEventAtOrBeforeTheModelsPositionIsNotTaken(t *testing.T) {
	c := newCity(t, fourTowns(), cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95, 31.35)}})
	before := c.Snapshot().Hash()
	ch := c.Fold(cim.Event{Seq: c.seq, At: noon.Add(time.Hour), Fact: observed("a", "pm2_5", noon, 1)})
	if len(ch.Refs) > 0 || c.Snapshot().Hash() != before || !c.Snapshot().At().Equal(noon) {
		t.Error("it was taken")
	}
}

func TestASnapshotStaysAsItWas(t *testing.T) {
	forSeeds(t, 5, func(t *testing.T, seed uint64) {
		m := cim.NewModel()
		var snaps []*cim.Snapshot
		var hashes [][32]byte
		for i, e := range chapter(seed, 300) {
			m.Fold(e)
			if i%20 == 0 {
				s := m.Snapshot()
				snaps, hashes = append(snaps, s), append(hashes, s.Hash())
			}
		}
		for i, s := range snaps {
			if s.Hash() != hashes[i] {
				t.Errorf("snapshot %d changed", i)
			}
		}
	})
}

func TestRegionsThatComeLateMakeTheSameCity(t *testing.T) {
	forSeeds(t, 10, func(t *testing.T, seed uint64) {
		es := chapter(seed, 300)
		late := append([]cim.Event(nil), es[1:]...)
		late = append(late, cim.Event{At: es[len(es)-1].At, Fact: es[0].Fact})
		if fold(es, true).Snapshot().Hash() != fold(late, true).Snapshot().Hash() {
			t.Error("the city differs")
		}
	})
}
