package cimtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// Noon is when the test cities live.
var Noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// Square is a box of that many degrees with its south-west corner there.
func Square(lon, lat, size float64) orb.Polygon {
	return orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{lon + size, lat + size}}.ToPolygon()
}

// FourTowns is a city of 0.2° with four towns of 0.1°: 320583100 in the
// south-west, 101 south-east, 102 north-west, 103 north-east.
func FourTowns() cim.RegionsPut {
	rs := []geo.Region{{
		Code: "320583", Name: "昆山市", Level: geo.LevelCity,
		Geometry: orb.MultiPolygon{Square(120.9, 31.3, 0.2)},
	}}
	for i := range 4 {
		rs = append(rs, geo.Region{
			Code: geo.Code(fmt.Sprintf("32058310%d", i)), Name: fmt.Sprintf("镇%d", i),
			Level: geo.LevelDistrict, Parent: "320583",
			Geometry: orb.MultiPolygon{Square(120.9+0.1*float64(i%2), 31.3+0.1*float64(i/2), 0.1)},
		})
	}
	return cim.RegionsPut{Regions: rs}
}

// Chapter is n events of a story, numbered, after the regions.
func Chapter(seed uint64, n int) []cim.Event {
	s := NewStory(seed)
	es := []cim.Event{
		{Seq: 1, At: Noon, Fact: FourTowns()},
		{Seq: 2, At: Noon, Fact: cim.FormulaPut{Formula: cim.Formula{Terms: []cim.Term{
			{Measure: "observation", Property: "pm2_5", Window: cim.Hour, Stat: "mean", High: 150, Weight: 2},
			{Measure: "incidents.open", High: 5, Weight: 1}, {Measure: "indicator", Property: "n1", High: 100, Weight: 1},
		}}}},
	}
	for range n {
		f, at := s.Event()
		es = append(es, cim.Event{Seq: uint64(len(es)) + 1, At: at, Fact: f})
	}
	return es
}

// Restless is a chapter in which also the regions, the formula and the profile
// change again and again.
func Restless(seed uint64, n int) []cim.Event {
	es := Chapter(seed, n)
	r := rand.New(rand.NewPCG(seed, 8))
	for i := range es[2:] {
		if r.IntN(8) == 0 {
			es[i+2].Fact = Reform(r)
		}
	}
	return es
}

// Reform is another tree of regions, formula, profile or privacy.
func Reform(r *rand.Rand) cim.Fact {
	switch r.IntN(3) {
	case 0: // one of the four towns stays away
		towns := FourTowns()
		out := 1 + r.IntN(4)
		towns.Regions = slices.Delete(towns.Regions, out, out+1)
		towns.Regions[0].NameEn = fmt.Sprint("Kunshan ", r.IntN(3))
		return towns
	case 1:
		return cim.FormulaPut{Formula: cim.Formula{Terms: []cim.Term{{Measure: "incidents.open", High: 1 + r.Float64(), Weight: 1}}}}
	}
	if r.IntN(2) == 0 {
		return cim.PrivacyPut{Privacy: cim.Privacy{Least: uint16(1 + r.IntN(9))}}
	}
	return cim.Profile{City: "320583", Name: fmt.Sprint("昆山 ", r.IntN(9)), Notices: []string{"注意"}}
}
