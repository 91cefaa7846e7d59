package cim_test

import (
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/cimtest"

	"github.com/paulmach/orb"
)

// noon is when the test cities live.
var noon = cimtest.Noon

func square(lon, lat, size float64) orb.Polygon { return cimtest.Square(lon, lat, size) }

func fourTowns() cim.RegionsPut { return cimtest.FourTowns() }

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
