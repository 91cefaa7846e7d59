package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/internal/postgres/pgtest"
	"onecity/streams"

	"github.com/paulmach/orb"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// quiet keeps expected troubles out of the test's output.
var quiet = slog.New(slog.DiscardHandler)

func openStore(t testing.TB, dsn string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dsn, Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func openBroker(t testing.TB) *streams.Broker {
	t.Helper()
	b, err := streams.Open(t.Context(), streams.Options{Dir: t.TempDir(), Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// run runs a recorder until stop, or the end of the test.
func run(t testing.TB, r *Recorder) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the recorder ended with %v", err)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

var sent atomic.Int64

// send publishes facts, each under an id of its own.
func send(t testing.TB, b *streams.Broker, facts ...cim.Fact) {
	t.Helper()
	for _, f := range facts {
		body, err := cim.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		e := streams.Event{ID: fmt.Sprint(sent.Add(1)), Source: "/test", Type: cim.TypeOf(f), Data: body}
		if err := b.Publish(t.Context(), e, streams.Written); err != nil {
			t.Fatal(err)
		}
	}
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// caughtUp waits until the record is where the stream is.
func caughtUp(t testing.TB, s *Store, b *streams.Broker) {
	t.Helper()
	last, err := b.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	until(t, fmt.Sprintf("the record is at %d", last), func() bool {
		epoch, seq, _, err := s.Position(t.Context())
		return err == nil && epoch == b.Epoch() && seq >= last
	})
}

func ask[T any](t testing.TB, s *Store, sql string, args ...any) (v T) {
	t.Helper()
	if err := s.pool.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// The little city of the tests: two districts side by side.
func square(w, s, e, n float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}}
}

func littleCity() []cim.Fact {
	return []cim.Fact{
		cim.Profile{City: "320583", Name: "昆山市", NameEn: "Kunshan", TimeZone: "Asia/Shanghai"},
		cim.RegionsPut{Regions: []geo.Region{
			{Code: "320583", Name: "昆山市", Level: geo.LevelCity, Geometry: square(120.8, 31.2, 121.2, 31.6), Centre: orb.Point{121, 31.4}},
			{Code: "320583001", Name: "西区", Level: geo.LevelDistrict, Parent: "320583", Geometry: square(120.8, 31.2, 121, 31.6), Centre: orb.Point{120.9, 31.4}, Made: true},
			{Code: "320583002", Name: "东区", Level: geo.LevelDistrict, Parent: "320583", Geometry: square(121, 31.2, 121.2, 31.6), Centre: orb.Point{121.1, 31.4}, Made: true},
		}},
		cim.FormulaPut{Formula: cim.Formula{Terms: []cim.Term{{Measure: "incidents.open", High: 10, Weight: 1}}}},
		cim.ObjectsPut{Objects: []cim.Object{
			{ID: "b1", Layer: cim.LayerBuildings, Class: "Building", Kind: "office", Name: "大厦", Geometry: orb.Polygon{{{120.9, 31.3}, {120.901, 31.3}, {120.901, 31.301}, {120.9, 31.3}}}, Height: 30, Source: "test", Attributes: map[string]string{"floors": "9"}},
			{ID: "r1", Layer: cim.LayerRoads, Class: "Road", Kind: "primary", Geometry: orb.LineString{{120.85, 31.3}, {121.1, 31.35}}},
		}},
		cim.DevicesPut{Devices: []cim.Device{
			{ID: "west", Name: "西站", Kind: "air", Lon: 120.9, Lat: 31.4, Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}, {Property: "noise", Unit: "dB"}}},
			{ID: "east", Name: "东站", Kind: "air", Lon: 121.1, Lat: 31.4, Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}}, Grade: 2},
		}},
		cim.UnitsPut{Units: []cim.Unit{{ID: "u1", Name: "巡逻一队", Kind: "grid", Home: "320583001"}}},
	}
}

func observations(device string, p cim.Property, from time.Time, step time.Duration, values ...float64) cim.Observations {
	var f cim.Observations
	for i, v := range values {
		f.Observations = append(f.Observations, cim.Observation{Device: device, Property: p, Time: from.Add(time.Duration(i) * step), Value: v})
	}
	return f
}
