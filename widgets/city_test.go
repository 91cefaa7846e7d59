package widgets

import (
	"context"
	"fmt"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// noon is when the test cities live: 20:00 in Shanghai.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

type city struct {
	*cim.Model
	seq uint64
	now time.Time
}

func newCity(facts ...cim.Fact) *city {
	c := &city{Model: cim.NewModel(), now: noon}
	c.take(facts...)
	return c
}

func (c *city) take(facts ...cim.Fact) *city {
	for _, f := range facts {
		c.seq++
		c.Fold(cim.Event{Seq: c.seq, At: c.now, Fact: f})
	}
	return c
}

func (c *city) render(name string, h History, o Options) (Widget, error) {
	return c.renderIn(name, cim.Whole(), h, o)
}

func (c *city) renderIn(name string, scope cim.Scope, h History, o Options) (Widget, error) {
	spec, ok := Find(name)
	if !ok {
		return Widget{}, fmt.Errorf("no widget %s", name)
	}
	return spec.Render(context.Background(), c.Snapshot().In(scope), h, o)
}

func square(lon, lat, size float64) orb.Polygon {
	return orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{lon + size, lat + size}}.ToPolygon()
}

// westLon and eastLon lie in the two towns of the test city.
const westLon, eastLon, lat = 120.95, 121.05, 31.35

func towns() cim.RegionsPut {
	return cim.RegionsPut{Regions: []geo.Region{
		{Code: "320583", Name: "昆山市", NameEn: "Kunshan", Level: geo.LevelCity, Geometry: orb.MultiPolygon{orb.Bound{Min: orb.Point{120.9, 31.3}, Max: orb.Point{121.1, 31.4}}.ToPolygon()}},
		{Code: "320583100", Name: "玉山镇", NameEn: "Yushan", Level: geo.LevelDistrict, Parent: "320583", Geometry: orb.MultiPolygon{square(120.9, 31.3, 0.1)}},
		{Code: "320583101", Name: "巴城镇", Level: geo.LevelDistrict, Parent: "320583", Geometry: orb.MultiPolygon{square(121.0, 31.3, 0.1)}},
	}}
}

var kunshan = cim.Profile{City: "320583", Name: "昆山市", NameEn: "Kunshan", TimeZone: "Asia/Shanghai"}

func incident(id, class string, lon float64, age, limit, took time.Duration) cim.IncidentPut {
	i := cim.Incident{
		ID: id, Version: 1, Class: class, Status: cim.StatusReported, Severity: 3, Lon: lon, Lat: lat,
		Reported: noon.Add(-age), Due: noon.Add(limit - age),
	}
	if took > 0 {
		i.Status, i.Closed = cim.StatusClosed, i.Reported.Add(took)
	}
	return cim.IncidentPut{Incident: i}
}

// busyCity has: five incidents that are open (two of them late, one of those
// since half an hour ago), two closed; three devices, of which one is in alarm
// and one silent; three units, one of them long unheard of.
func busyCity() *city {
	class := cim.Classes()[0].Code
	other := cim.Classes()[1].Code
	c := newCity(kunshan, towns(),
		cim.FormulaPut{Formula: cim.Formula{Terms: []cim.Term{
			{Measure: "observation", Property: "pm2_5", Window: cim.Hour, Stat: "max", Low: 0, High: 100, Weight: 1},
			{Measure: "incidents.late", Low: 0, High: 2, Weight: 1},
		}}},
		cim.DevicesPut{Devices: []cim.Device{
			{ID: "a1", Name: "西站", Kind: "air", Lon: westLon, Lat: lat, Simulated: true, Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}, {Property: "temperature", Unit: "Cel"}}},
			{ID: "a2", Name: "东站", Kind: "air", Lon: eastLon, Lat: lat, Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}, {Property: "wind_direction", Unit: "deg"}}},
			{ID: "m1", Name: "井盖", Kind: "manhole", Lon: eastLon, Lat: lat, Datastreams: []cim.Datastream{{Property: "cover_open", Unit: "1"}}},
		}},
		cim.UnitsPut{Units: []cim.Unit{{ID: "u1", Kind: "grid"}, {ID: "u2", Kind: "grid"}, {ID: "u3", Kind: "grid"}}},
		incident("i1", class, westLon, 30*time.Minute, 2*time.Hour, 0),
		incident("i2", class, westLon, 5*time.Hour, 3*time.Hour, 0),
		incident("i3", other, eastLon, 90*time.Minute, time.Hour, 0),
		incident("i4", class, eastLon, 26*time.Hour, 72*time.Hour, 0),
		incident("i5", class, eastLon, 10*time.Minute, 40*time.Minute, 0),
		incident("i6", class, westLon, 3*time.Hour, 4*time.Hour, 150*time.Minute),
		incident("i7", other, westLon, 20*time.Hour, 4*time.Hour, 10*time.Minute),
	)
	c.now = noon.Add(-time.Hour)
	c.take(cim.Observations{Observations: []cim.Observation{{Device: "m1", Property: "cover_open", Time: c.now, Value: 0}}})
	c.take(cim.Positions{Positions: []cim.Position{{Unit: "u3", Time: c.now, Lon: westLon, Lat: lat, Status: "moving"}}})
	c.now = noon
	c.take(
		cim.Observations{Observations: []cim.Observation{
			{Device: "a1", Property: "pm2_5", Time: noon.Add(-10 * time.Minute), Value: 40},
			{Device: "a1", Property: "pm2_5", Time: noon, Value: 50},
			{Device: "a1", Property: "temperature", Time: noon, Value: 21.5},
			{Device: "a2", Property: "pm2_5", Time: noon, Value: 90},
			{Device: "a2", Property: "wind_direction", Time: noon, Value: 350},
		}},
		cim.Positions{Positions: []cim.Position{
			{Unit: "u1", Time: noon, Lon: westLon, Lat: lat, Status: "moving"},
			{Unit: "u2", Time: noon, Lon: eastLon, Lat: lat, Status: "handling"},
		}},
	)
	c.now = noon.Add(10 * time.Second) // the rate counts whole slots of ten seconds
	return c.take(cim.Tick{})
}

// pastSaid is a history that says what the test says.
type pastSaid struct {
	series   []Point
	counts   []Point
	handling []time.Duration
	err      error
}

func (p pastSaid) Series(context.Context, cim.Scope, string, cim.Property, time.Time, time.Time, time.Duration) ([]Point, error) {
	return p.series, p.err
}

func (p pastSaid) ObservationCounts(context.Context, cim.Scope, time.Time, time.Time) ([]Point, error) {
	return p.counts, p.err
}

func (p pastSaid) HandlingTimes(context.Context, cim.Scope, time.Time, time.Time) ([]time.Duration, error) {
	return p.handling, p.err
}

func items(w Widget) map[string]string {
	m := map[string]string{}
	for _, i := range w.Items {
		m[i.Name] = i.Text + i.Unit
	}
	return m
}
