package cim_test

import (
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
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
