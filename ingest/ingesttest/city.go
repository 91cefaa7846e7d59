package ingesttest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/live"
	"onecity/geo"
	"onecity/ingest"
	"onecity/streams"

	"github.com/paulmach/orb"
)

// City is a running city: a square around 昆山 (120.9–121.1° E, 31.3–31.5° N) of
// one district. Clock says what time the Gate takes it for.
type City struct {
	*live.City
	Broker *streams.Broker
	Gate   *ingest.Gate
	Clock  *Clock
}

// Clock is a wall clock that a test can set.
type Clock struct {
	mu  sync.Mutex
	off time.Duration
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.off)
}

// Set makes it t now.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off = time.Until(t)
}

// Bound is the city's.
var Bound = orb.Bound{Min: orb.Point{120.9, 31.3}, Max: orb.Point{121.1, 31.5}}

// Start starts a city that ends with the test. Devices may sign in over MQTT
// with their id as the password.
func Start(t testing.TB) *City {
	t.Helper()
	broker, err := streams.Open(t.Context(), streams.Options{
		Dir: t.TempDir(), MQTT: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
		Credentials: func(id, password string) bool { return id != "" && id == password },
	})
	if err != nil {
		t.Fatal(err)
	}
	city := live.New(cim.NewModel(), broker, live.Options{Every: 2 * time.Millisecond})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := city.Run(ctx); ctx.Err() == nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		if err := broker.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &City{City: city, Broker: broker, Clock: &Clock{}}
	c.Gate = ingest.NewGate(city.Snapshot, broker, c.Clock.Now)
	c.put(t)
	return c
}

func (c *City) put(t testing.TB) {
	t.Helper()
	area := orb.MultiPolygon{Bound.ToPolygon()}
	for _, f := range []cim.Fact{
		cim.Profile{City: "320583", Name: "昆山市", NameEn: "Kunshan", TimeZone: "Asia/Shanghai"},
		cim.RegionsPut{Regions: []geo.Region{
			{Code: "320583", Name: "昆山市", Level: geo.LevelCity, Geometry: area, Centre: Bound.Center()},
			{Code: "320583100", Name: "玉山镇", Level: geo.LevelDistrict, Parent: "320583", Geometry: area, Centre: Bound.Center()},
		}},
	} {
		a, err := c.Gate.Standing(t.Context(), "/test", "", f)
		if err != nil || a.Rejected > 0 {
			t.Fatal(a, err)
		}
	}
	c.Until(t, "the regions are there", func(r cim.Reader) bool { return r.Regions().Len() == 2 })
}

// Devices registers air stations that observe pm2_5, pm10 and temperature, in
// the middle of the city, and waits until the model knows them.
func (c *City) Devices(t testing.TB, ids ...string) {
	t.Helper()
	var ds []cim.Device
	for _, id := range ids {
		ds = append(ds, cim.Device{ID: id, Name: "站" + id, Kind: "air", Lon: 121, Lat: 31.4,
			Datastreams: []cim.Datastream{{Property: "pm2_5"}, {Property: "pm10"}, {Property: "temperature"}}})
	}
	if a, err := c.Gate.Devices(t.Context(), "/test", "", ds); err != nil || a.Rejected > 0 {
		t.Fatal(a, err)
	}
	c.Until(t, "the devices are there", func(r cim.Reader) bool {
		_, ok := r.Device(ids[len(ids)-1])
		return ok
	})
}

// Units registers units and waits until the model knows them.
func (c *City) Units(t testing.TB, ids ...string) {
	t.Helper()
	var us []cim.Unit
	for _, id := range ids {
		us = append(us, cim.Unit{ID: id, Name: "巡查" + id, Kind: "grid"})
	}
	if a, err := c.Gate.Units(t.Context(), "/test", "", us); err != nil || a.Rejected > 0 {
		t.Fatal(a, err)
	}
	c.Until(t, "the units are there", func(r cim.Reader) bool {
		_, ok := r.Unit(ids[len(ids)-1])
		return ok
	})
}

// Until waits until the city is so; what says what is waited for.
func (c *City) Until(t testing.TB, what string, so func(cim.Reader) bool) {
	t.Helper()
	Eventually(t, what, func() bool { return so(c.Read()) })
}

// Read is the whole city now.
func (c *City) Read() cim.Reader { return c.Snapshot().In(cim.Whole()) }

// Value is what a device last said of a property; ok is false before it did.
func (c *City) Value(device string, p cim.Property) (float64, bool) {
	d, ok := c.Read().Device(device)
	if !ok {
		return 0, false
	}
	for i, s := range d.Datastreams {
		if s.Property == p && !d.Streams[i].Time.IsZero() {
			return d.Streams[i].Value, true
		}
	}
	return 0, false
}

// DeadLetters lists them all, newest first.
func (c *City) DeadLetters(t testing.TB) []streams.DeadLetter {
	t.Helper()
	ls, _, err := c.Broker.DeadLetters(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return ls
}

// Eventually waits until so, and fails the test when it is not in 20 s.
func Eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
		time.Sleep(time.Millisecond)
	}
}
