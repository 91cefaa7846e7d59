package replay_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/internal/replay"
	"onecity/internal/servertest"

	"github.com/paulmach/orb"
)

func TestARecordingComesAliveOnARealServer(t *testing.T) {
	server := servertest.Start(t)
	area := orb.MultiPolygon{{{{120.8, 31.2}, {121.2, 31.2}, {121.2, 31.5}, {120.8, 31.5}, {120.8, 31.2}}}}
	server.Put(
		cim.Profile{City: "320583", Name: "昆山市", TimeZone: "Asia/Shanghai"},
		cim.RegionsPut{Regions: []geo.Region{{Code: "320583", Name: "昆山市", Level: geo.LevelCity, Geometry: area}}},
	)
	rec, err := replay.Read(strings.NewReader(`{"device":"dev-1","property":"noise","time":"2026-03-01T08:00:00Z","value":61.5,"lon":120.96,"lat":31.39}
{"device":"dev-1","property":"noise","time":"2026-03-01T08:01:00Z","value":64,"lon":120.96,"lat":31.39}
{"unit":"bus-1","time":"2026-03-01T08:00:30Z","lon":120.95,"lat":31.38,"speed":8.5,"heading":90,"status":"moving"}
{"class":"E0101","reported":"2026-03-01T08:00:45Z","lon":120.95,"lat":31.38,"description":"路边有垃圾"}
{"class":"E0101","reported":"2026-03-01T08:00:50Z","lon":100,"lat":31.38,"description":"不在本市"}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	stats, err := replay.Play(t.Context(), rec, replay.Options{URL: server.URL, Speed: 60, Log: slog.New(slog.DiscardHandler)})
	if want := (replay.Stats{Observations: 2, Positions: 1, Incidents: 1, Refused: 1, Loops: 1}); err != nil || stats != want {
		t.Fatalf("%v, %v; want %v", stats, err, want)
	}
	city := server.Settle()
	d, ok := city.Device("dev-1")
	if !ok || !d.Simulated || d.Streams[0].Value != 64 || time.Since(d.Seen) > time.Minute {
		t.Errorf("device %+v", d)
	}
	u, ok := city.Unit("bus-1")
	if !ok || !u.Simulated || u.Position.Lon != 120.95 || u.Position.Status != "moving" {
		t.Errorf("unit %+v", u)
	}
	n := 0
	city.Incidents(area.Bound(), 0, func(i *cim.IncidentState) bool {
		n++
		if !i.Simulated || i.Class != "E0101" || i.Description != "路边有垃圾" {
			t.Errorf("incident %+v", i.Incident)
		}
		return true
	})
	if n != 1 {
		t.Errorf("%d incidents", n)
	}
}
