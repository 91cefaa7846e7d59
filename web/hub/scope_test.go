package hub

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"onecity/cim"
	"onecity/cim/cimtest"
	"onecity/geo"
)

// scopedTown is a town whose next reader has the scope that is set.
func scopedTown(t *testing.T) (w *town, set func(cim.Scope)) {
	var next atomic.Pointer[cim.Scope]
	w = newTown(t, Options{Scope: func(*http.Request) cim.Scope { return *next.Load() }})
	return w, func(s cim.Scope) { next.Store(&s) }
}

func twoTowns(grade cim.Grade) cim.Scope {
	return cim.NewGrants([]cim.Grant{
		{Region: "320583100", Layers: cim.AllLayers, Grade: grade}, {Region: "320583103", Layers: cim.AllLayers},
	}).Scope()
}

func TestReadersWhoseGrantsShowTheSameShareAViewAndItsPositions(t *testing.T) {
	w, set := scopedTown(t)
	w.put(cimtest.FourTowns())
	w.put(cim.DevicesPut{Devices: []cim.Device{w.device("a", 120.95, 31.35), w.device("c", 121.05, 31.35), w.device("b", 121.05, 31.45)}})
	var keys []string
	var first *browser
	for range 3 {
		set(twoTowns(1)) // compiled anew
		b := w.browser()
		b.say(`{"op":"sub","id":"x","view":{"layers":["devices"],"widgets":[]}}`)
		keys = append(keys, b.hear().View)
		b.until("both towns", func() bool { return len(b.layer["devices"]) == 2 })
		if b.layer["devices"]["c"] != nil {
			t.Error("the town between is shown")
		}
		first = b
	}
	if n := w.hub.Stats().Views; n != 1 || keys[0] != keys[1] || keys[1] != keys[2] {
		t.Errorf("%d views of the names %q", n, keys)
	}
	set(twoTowns(1))
	b := w.browser()
	b.say(`{"op":"sub","id":"x","view":{"layers":["devices"]},"since":{"epoch":%q,"seq":%d}}`, first.epoch, first.seq)
	eventually(t, "the reader goes on", func() bool { return w.hub.Stats().Resumed == 1 })
	set(twoTowns(2))
	other := w.browser()
	other.say(`{"op":"sub","id":"x","view":{"layers":["devices"]}}`)
	if key := other.hear().View; key == keys[0] {
		t.Error("a reader of a higher grade shares the view")
	}
}

func TestAViewMayBeNarrowedToARegionAroundSomeOfTheGrants(t *testing.T) {
	w, set := scopedTown(t)
	w.put(cimtest.FourTowns())
	w.put(cim.DevicesPut{Devices: []cim.Device{w.device("a", 120.95, 31.35), w.device("b", 121.05, 31.45)}})
	set(twoTowns(0))
	for region, want := range map[string][]string{"": {"a", "b"}, "320583": {"a", "b"}, "320583103": {"b"}} {
		b := w.browser()
		b.say(`{"op":"sub","id":"x","view":{"layers":["devices"],"region":%q}}`, region)
		b.until("a picture", func() bool { return b.got > 0 })
		if got := slices.Sorted(maps.Keys(b.layer["devices"])); !slices.Equal(got, want) {
			t.Errorf("region %q: %q, want %q", region, got, want)
		}
	}
	b := w.browser()
	b.say(`{"op":"sub","id":"x","view":{"layers":["devices"],"region":"320583101"}}`)
	if m := b.hear(); m.Op != "error" {
		t.Errorf("a region in which nothing is granted: %+v", m)
	}
}

// TestAFrameShowsExactlyWhatTheGrantsCover compares pictures of many readers
// with what their grants say, through changes of every kind.
func TestAFrameShowsExactlyWhatTheGrantsCover(t *testing.T) {
	w, set := scopedTown(t)
	events := cimtest.Chapter(5, 300)
	codes := []geo.Code{"", "320583", "320583100", "320583101", "320583102", "320583103"}
	r := rand.New(rand.NewPCG(5, 41))
	for _, e := range events[:150] {
		w.send(e.Fact)
	}
	w.put(cim.Tick{})
	type reader struct {
		*browser
		grants []cim.Grant
	}
	var readers []reader
	for range 12 {
		grants := []cim.Grant{{Region: codes[r.IntN(len(codes))], Layers: cim.AllLayers, Grade: cim.Grade(r.IntN(3))}}
		for range r.IntN(3) {
			grants = append(grants, cim.Grant{Region: codes[r.IntN(len(codes))], Layers: cim.Layers(r.IntN(1 << cim.LayerCount)), Grade: cim.Grade(r.IntN(3))})
		}
		set(cim.NewGrants(grants).Scope())
		b := w.browser()
		b.say(`{"op":"sub","id":"x","view":{"layers":["devices","units","incidents","cells"],"rate":40}}`)
		b.until("a picture", func() bool { return b.got > 0 })
		readers = append(readers, reader{b, grants})
	}
	for _, e := range events[150:] {
		w.send(e.Fact)
	}
	w.put(cim.Tick{})
	all := w.city.Snapshot().In(cim.Whole())
	shown := 0
	for _, b := range readers {
		want := map[string][]string{}
		add := func(layer cim.Layer, id string, region geo.Code, grade cim.Grade) {
			for _, g := range b.grants {
				if g.Region.Contains(region) && g.Layers.Has(layer) && grade <= g.Grade {
					want[layer.String()] = append(want[layer.String()], id)
					shown++
					return
				}
			}
		}
		all.Devices(everywhere, 0, func(d *cim.DeviceState) bool {
			add(cim.LayerDevices, d.ID, d.Region, d.Grade)
			return true
		})
		all.Units(everywhere, 0, func(u *cim.UnitState) bool { add(cim.LayerUnits, u.ID, u.Region, u.Grade); return true })
		all.Incidents(everywhere, 0, func(i *cim.IncidentState) bool {
			add(cim.LayerIncidents, i.ID, i.Region, i.Grade)
			return true
		})
		w.city.Snapshot().In(cim.NewGrants(b.grants).Scope()).Cells(geo.BaseResolution, everywhere, func(c *cim.CellState) bool {
			want["cells"] = append(want["cells"], c.Cell.String())
			return true
		})
		b.until(fmt.Sprintf("what %+v show", b.grants), func() bool {
			for _, layer := range []string{"devices", "units", "incidents", "cells"} {
				slices.Sort(want[layer])
				if !slices.Equal(slices.Sorted(maps.Keys(b.layer[layer])), want[layer]) {
					return false
				}
			}
			return true
		})
	}
	if shown < 50 {
		t.Errorf("only %d things shown: the test tries too little", shown)
	}
}

func TestAHiddenThingChangesItsCellAndIsNeverNamed(t *testing.T) {
	w, set := scopedTown(t)
	w.put(cimtest.FourTowns())
	var units []cim.Unit
	for i := range 3 {
		units = append(units, cim.Unit{ID: fmt.Sprint("secret", i), Kind: "grid", Grade: 1})
	}
	w.put(cim.UnitsPut{Units: units})
	w.put(cim.DevicesPut{Devices: []cim.Device{w.device("a", 120.95, 31.35)}})
	set(cim.Scope{Region: "320583", Layers: cim.AllLayers})
	b := w.browser()
	b.say(`{"op":"sub","id":"x","view":{"layers":["cells","units"],"rate":40}}`)
	cell := geo.CellAt([2]float64{120.95, 31.35}, geo.BaseResolution).String()
	b.until("the cell", func() bool { return b.layer["cells"][cell] != nil })
	for i := range units {
		w.put(w.position(units[i].ID, 120.95, 31.35))
	}
	counts := []float64{}
	b.until("three in the cell", func() bool {
		n, _ := b.layer["cells"][cell]["units"].(float64)
		counts = append(counts, n)
		return n == 3
	})
	for _, n := range counts {
		if n != 0 && n != 3 {
			t.Errorf("the cell told of %v", n)
		}
	}
	for _, raw := range b.raw {
		if strings.Contains(raw, "secret") {
			t.Errorf("a hidden unit was named: %s", raw)
		}
	}
}
