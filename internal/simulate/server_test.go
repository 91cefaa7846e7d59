package simulate_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/internal/servertest"
	"onecity/internal/simulate"

	"github.com/paulmach/orb"
)

// TestALivingCityOnARealServer runs a simulation against the server as it is:
// real broker with MQTT, gate, model, HTTP and WebSocket.
func TestALivingCityOnARealServer(t *testing.T) {
	ctx, server := t.Context(), servertest.Start(t)
	found(server)
	o := simulate.Defaults()
	o.URL, o.MQTT, o.Seed, o.For, o.Log = server.URL, server.MQTT, 5, 280*time.Second, slog.New(slog.DiscardHandler)
	o.Devices, o.Units, o.Rate, o.IncidentsPerHour, o.MQTTLines, o.SocketLines = 60, 20, 40, 600, 20, 6
	// Four minutes of the city in some seconds; its clock may be five ahead.
	o.Pace = func(ctx context.Context, _ time.Time) (time.Duration, error) {
		select {
		case <-time.After(4 * time.Millisecond):
			return 0, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	stats, err := simulate.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if n := stats.Refused.Load(); n > 0 {
		t.Errorf("%d facts were refused", n)
	}
	if stats.Observations.Load() < 5000 || stats.Positions.Load() < 500 || stats.Reported.Load() < 10 {
		t.Errorf("observations %d, positions %d, reported %d; lost %d", stats.Observations.Load(), stats.Positions.Load(),
			stats.Reported.Load(), stats.Lost.Load())
	}
	everyoneIsHeard(t, server.Settle())
}

// found founds a town of some streets.
func found(server *servertest.Server) {
	area := orb.MultiPolygon{{{{120.9, 31.3}, {121, 31.3}, {121, 31.4}, {120.9, 31.4}, {120.9, 31.3}}}}
	var roads []cim.Object
	for i := range 8 {
		v, h := orb.LineString{}, orb.LineString{}
		for j := range 8 {
			a, b := 120.92+0.002*float64(i), 31.32+0.002*float64(j)
			v = append(v, orb.Point{a, b})
			h = append(h, orb.Point{120.92 + 0.002*float64(j), 31.32 + 0.002*float64(i)})
		}
		for k, l := range []orb.LineString{v, h} {
			roads = append(roads, cim.Object{ID: string(rune('a'+i)) + string(rune('0'+k)), Layer: cim.LayerRoads, Class: "Road", Kind: "primary", Name: "人民路", Geometry: l})
		}
	}
	lake := orb.Polygon{{{120.94, 31.33}, {120.95, 31.33}, {120.95, 31.35}, {120.94, 31.35}, {120.94, 31.33}}}
	server.Put(
		cim.Profile{City: "320583", Name: "昆山市", NameEn: "Kunshan", TimeZone: "Asia/Shanghai"},
		cim.RegionsPut{Regions: []geo.Region{{Code: "320583", Name: "昆山市", Level: geo.LevelCity, Geometry: area}}},
		cim.ObjectsPut{Objects: append(roads, cim.Object{ID: "lake", Layer: cim.LayerWater, Class: "WaterBody", Kind: "lake", Geometry: lake})},
	)
}

// everyoneIsHeard looks at what the model says of those who spoke.
func everyoneIsHeard(t *testing.T, r cim.Reader) {
	t.Helper()
	world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	devices, silent, units := 0, 0, 0
	r.Devices(world, 0, func(d *cim.DeviceState) bool {
		devices++
		if d.Seen.IsZero() {
			silent++
		}
		if !d.Simulated {
			t.Errorf("device %s is not marked as simulated", d.ID)
		}
		return true
	})
	r.Units(world, 0, func(u *cim.UnitState) bool {
		if !u.Position.Time.IsZero() {
			units++
		}
		return true
	})
	if devices != 60 || silent > 0 || units != 20 {
		t.Errorf("%d devices, %d of them silent; %d units have said where they are", devices, silent, units)
	}
	incidents := 0
	r.Incidents(world, 0, func(i *cim.IncidentState) bool {
		incidents++
		if !i.Simulated {
			t.Errorf("incident %s is not marked as simulated", i.ID)
		}
		return true
	})
	if incidents < 10 {
		t.Errorf("%d incidents", incidents)
	}
	if n := r.Ignored(); len(n) > 0 {
		t.Errorf("the fold ignored %v", n)
	}
}
