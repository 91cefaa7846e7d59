package cim_test

import (
	"fmt"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// Fold takes facts in; a Snapshot is read through a Scope.
func Example() {
	city := cim.NewModel()
	seq := uint64(0)
	take := func(f cim.Fact) cim.Changes {
		seq++
		return city.Fold(cim.Event{Seq: seq, At: time.Date(2026, 5, 1, 12, 0, int(seq), 0, time.UTC), Fact: f})
	}
	box := orb.Bound{Min: orb.Point{120.9, 31.3}, Max: orb.Point{121.0, 31.4}}
	take(cim.RegionsPut{Regions: []geo.Region{
		{Code: "320583", Name: "昆山市", Level: geo.LevelCity, Geometry: orb.MultiPolygon{box.Pad(0.1).ToPolygon()}},
		{Code: "320583100", Name: "玉山镇", Level: geo.LevelDistrict, Parent: "320583", Geometry: orb.MultiPolygon{box.ToPolygon()}},
	}})
	take(cim.DevicesPut{Devices: []cim.Device{{
		ID: "air-1", Name: "大气站", Kind: "air", Lon: 120.95, Lat: 31.35,
		Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}},
	}}})
	changes := take(cim.Observations{Observations: []cim.Observation{
		{Device: "air-1", Property: "pm2_5", Time: time.Date(2026, 5, 1, 12, 0, 2, 0, time.UTC), Value: 82},
	}})
	for _, c := range changes.Refs {
		fmt.Println("changed:", c.Layer)
	}

	snapshot := city.Snapshot()
	town := snapshot.In(cim.Scope{Region: "320583100", Layers: cim.LayersOf(cim.LayerDevices, cim.LayerCells)})
	town.Devices(box, 100, func(d *cim.DeviceState) bool {
		fmt.Println(d.Name, d.Region, d.Streams[0].Value, "alarm:", d.Streams[0].Alarm)
		return true
	})
	town.Cells(8, box, func(c *cim.CellState) bool {
		hour := c.Properties[0].Windows[cim.Hour]
		fmt.Println("cell of resolution", c.Cell.Resolution(), c.Properties[0].Property, hour.Mean(), "of", hour.Count)
		return true
	})
	elsewhere := snapshot.In(cim.Scope{Region: "320583101", Layers: cim.AllLayers})
	_, ok := elsewhere.Device("air-1")
	fmt.Println("seen from another town:", ok)
	// Output:
	// changed: devices
	// changed: cells
	// 大气站 320583100 82 alarm: true
	// cell of resolution 8 pm2_5 82 of 1
	// seen from another town: false
}

// Who holds two subtrees, and one of them partly in more detail.
func ExampleGrants() {
	scope := cim.NewGrants([]cim.Grant{
		{Region: "320583100", Layers: cim.AllLayers},
		{Region: "320583102", Layers: cim.AllLayers},
		{Region: "320583102003", Layers: cim.LayersOf(cim.LayerIncidents), Grade: 1},
	}).Scope()
	fmt.Println(scope.Sees(cim.LayerIncidents, "320583102003007", 1), scope.Sees(cim.LayerIncidents, "320583102001", 1))
	_, ok := scope.Within("320583103")
	fmt.Println(scope.Regions(), ok)
	for _, piece := range scope.Pieces(cim.LayerIncidents) {
		fmt.Println(piece.Region, piece.Grade)
	}
	// Output:
	// true false
	// [320583100 320583102] false
	// 320583100 0
	// 320583102 0
	// 320583102003 1
}
