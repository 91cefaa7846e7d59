package cim_test

import (
	"fmt"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// noon is when the test cities live.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// square is a box of that many degrees with its south-west corner there.
func square(lon, lat, size float64) orb.Polygon {
	return orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{lon + size, lat + size}}.ToPolygon()
}

// fourTowns is a city of 0.2° with four towns of 0.1°: 320583100 in the
// south-west, 101 south-east, 102 north-west, 103 north-east.
func fourTowns() cim.RegionsPut {
	rs := []geo.Region{{
		Code: "320583", Name: "昆山市", Level: geo.LevelCity,
		Geometry: orb.MultiPolygon{square(120.9, 31.3, 0.2)},
	}}
	for i := range 4 {
		rs = append(rs, geo.Region{
			Code: geo.Code(fmt.Sprintf("32058310%d", i)), Name: fmt.Sprintf("镇%d", i),
			Level: geo.LevelDistrict, Parent: "320583",
			Geometry: orb.MultiPolygon{square(120.9+0.1*float64(i%2), 31.3+0.1*float64(i/2), 0.1)},
		})
	}
	return cim.RegionsPut{Regions: rs}
}

// whole is a bound around every test city.
var whole = orb.Bound{Min: orb.Point{120, 31}, Max: orb.Point{122, 32}}

// city folds facts one a second from noon on.
type city struct {
	*cim.Model
	t   testing.TB
	seq uint64
	now time.Time
}

func newCity(t testing.TB, facts ...cim.Fact) *city {
	c := &city{Model: cim.NewModel(), t: t, now: noon}
	c.take(facts...)
	return c
}

// take folds facts at the city's time, and returns what the last one changed.
func (c *city) take(facts ...cim.Fact) (ch cim.Changes) {
	for _, f := range facts {
		c.seq++
		ch = c.Fold(cim.Event{Seq: c.seq, At: c.now, Fact: f})
	}
	return ch
}

// after lets time pass with one tick at its end.
func (c *city) after(d time.Duration) cim.Changes {
	c.now = c.now.Add(d)
	return c.take(cim.Tick{})
}

func (c *city) read() cim.Reader { return c.Snapshot().In(cim.Whole()) }

func airDevice(id string, lon, lat float64) cim.Device {
	return cim.Device{ID: id, Name: "站" + id, Kind: "air", Lon: lon, Lat: lat, Datastreams: []cim.Datastream{
		{Property: "pm2_5", Unit: "ug/m3"}, {Property: "temperature", Unit: "Cel"},
	}}
}

func observed(device string, p cim.Property, at time.Time, v float64) cim.Observations {
	return cim.Observations{Observations: []cim.Observation{{Device: device, Property: p, Time: at, Value: v}}}
}
