package cim_test

import (
	"bytes"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

func TestAnObservationIsSeenOnItsDeviceAndInItsCell(t *testing.T) {
	c := newCity(t, fourTowns(), cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95, 31.35)}})
	ch := c.take(observed("a", "pm2_5", noon, 35))
	if len(ch.Refs) != 2 {
		t.Fatalf("changes: %+v", ch.Refs)
	}
	r := c.read()
	d, ok := r.Device("a")
	if !ok || d.Streams[0].Value != 35 || d.Region != "320583100" {
		t.Fatalf("device: %+v", d)
	}
	n := 0
	r.Cells(geo.BaseResolution, whole, func(cs *cim.CellState) bool {
		n++
		if cs.Devices != 1 || len(cs.Properties) != 1 || cs.Properties[0].Windows[cim.Hour].Count != 1 {
			t.Errorf("cell: %+v", cs)
		}
		return true
	})
	if n != 1 {
		t.Errorf("%d cells", n)
	}
	up, ok := r.Cell(d.Cell.Parent(7))
	if !ok || up.Properties[0].Windows[cim.Day].Last != 35 {
		t.Errorf("rolled up: %+v", up)
	}
	c.after(2 * time.Minute)
	if a, _ := c.read().Cell(d.Cell); a.Properties[0].Windows[cim.Minute].Count != 0 || a.Properties[0].Windows[cim.Quarter].Count != 1 {
		t.Errorf("after 2 min: %+v", a.Properties)
	}
}

func TestARestoredModelEqualsTheOneThatWroteTheCheckpoint(t *testing.T) {
	standing := []cim.Fact{
		fourTowns(),
		cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95, 31.35), airDevice("b", 121.05, 31.35)}},
		cim.UnitsPut{Units: []cim.Unit{{ID: "u", Kind: "grid"}}},
		cim.ObjectsPut{Objects: []cim.Object{
			{ID: "o", Layer: cim.LayerBuildings, Class: "Building", Geometry: square(120.95, 31.35, 0.001)},
			{ID: "p", Layer: cim.LayerComponents, Geometry: orb.Point{121.05, 31.45}},
		}},
	}
	c := newCity(t, standing...)
	for i := range 200 {
		c.now = c.now.Add(7 * time.Second)
		c.take(observed("a", "pm2_5", c.now.Add(-time.Duration(i%5)*time.Second), float64(i)),
			cim.Positions{Positions: []cim.Position{{Unit: "u", Time: c.now, Lon: 120.95 + float64(i)/5000, Lat: 31.35}}})
		c.Snapshot()
	}
	c.take(cim.IncidentPut{Incident: cim.Incident{ID: "i", Version: 1, Status: cim.StatusReported, Lon: 121, Lat: 31.4, Due: c.now.Add(time.Minute)}})
	c.after(90 * time.Second)
	s := c.Snapshot()
	var b bytes.Buffer
	if err := s.Checkpoint(&b); err != nil {
		t.Fatal(err)
	}
	t.Logf("checkpoint of %d bytes", b.Len())
	m, err := cim.Restore(func(yield func(cim.Fact, error) bool) {
		for _, f := range standing {
			if !yield(f, nil) {
				return
			}
		}
	}, bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Snapshot(); got.Hash() != s.Hash() || got.Seq() != s.Seq() {
		t.Errorf("the restored model differs")
	}
}
