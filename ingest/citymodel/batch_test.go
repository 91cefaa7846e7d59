package citymodel

import (
	"strings"
	"testing"

	"onecity/cim"

	"github.com/paulmach/orb"
)

func TestTheBoundOfAnObjectsSizeHolds(t *testing.T) {
	ring := orb.Ring{}
	for i := range 500 {
		ring = append(ring, orb.Point{-179.1234567 + float64(i)*1e-7, -89.7654321})
	}
	ring = append(ring, ring[0])
	long := strings.Repeat("<\"\\\x01\u2028\xff楼", 50)
	for _, o := range []cim.Object{
		{ID: "a"},
		{ID: long, Name: long, NameEn: long, Class: long, Kind: long, Source: long, Height: 123.456, Base: 0.1, Made: true, Grade: 3, Region: "320583100001001"},
		{ID: "b", Attributes: map[string]string{long: long, "x": ""}},
		{ID: "c", Layer: cim.LayerComponents, Geometry: orb.Point{-179.1234567, -89.1234567}},
		{ID: "d", Layer: cim.LayerBuildings, Geometry: orb.MultiPolygon{{ring, ring}, {ring}}},
		{ID: "e", Layer: cim.LayerRoads, Geometry: orb.MultiLineString{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}},
	} {
		b, err := cim.Encode(cim.ObjectsPut{Objects: []cim.Object{o}})
		if err != nil {
			t.Fatal(err)
		}
		if got, bound := len(b), envelope+objectSize(&o); got > bound {
			t.Errorf("%.10q takes %d bytes, more than the bound %d", o.ID, got, bound)
		}
	}
}
