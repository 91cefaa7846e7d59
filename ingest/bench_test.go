package ingest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"onecity/cim"
	"onecity/streams"
)

// nowhere takes everything: what is measured is the Gate alone.
type nowhere struct{}

func (nowhere) Publish(context.Context, streams.Event, streams.Durability) error { return nil }

// BenchmarkGateObservations is a batch of 500 from 125 devices, the shape of
// the ingest figure; divide by 500 for one.
func BenchmarkGateObservations(b *testing.B) {
	model := cim.NewModel()
	now := time.Now()
	var devices []cim.Device
	for i := range 10_000 {
		devices = append(devices, cim.Device{ID: fmt.Sprintf("dev-%05d", i), Name: "d", Kind: "air", Lon: 121, Lat: 31.4,
			Datastreams: []cim.Datastream{{Property: "pm2_5"}, {Property: "pm10"}, {Property: "temperature"}, {Property: "humidity"}}})
	}
	model.Fold(cim.Event{Seq: 1, At: now, Fact: cim.DevicesPut{Devices: devices}})
	city := model.Snapshot()
	g := NewGate(func() *cim.Snapshot { return city }, nowhere{}, func() time.Time { return now })
	properties := []cim.Property{"pm2_5", "pm10", "temperature", "humidity"}
	obs := make([]cim.Observation, 500)
	for i := range obs {
		obs[i] = cim.Observation{Device: fmt.Sprintf("dev-%05d", i/4*7), Property: properties[i%4], Time: now, Value: float64(i%40) + 0.5}
	}
	b.ReportAllocs()
	for b.Loop() {
		a, err := g.Observations(b.Context(), "/bench", "", obs)
		if err != nil || a.Accepted != len(obs) {
			b.Fatal(a, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(obs)), "ns/observation")
}

// BenchmarkParseObservations reads a body of 500 observations.
func BenchmarkParseObservations(b *testing.B) {
	body := []byte(`{"id":"x","observations":[`)
	for i := range 500 {
		if i > 0 {
			body = append(body, ',')
		}
		body = fmt.Appendf(body, `{"device":"dev-%05d","property":"pm2_5","time":"2026-01-31T08:%02d:%02d.123+08:00","value":%d.25}`, i, i/60, i%60, i)
	}
	body = append(body, "]}"...)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		m, err := ParseObservations(body)
		if err != nil || len(m.Readings) != 500 {
			b.Fatal(len(m.Readings), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/observation")
}
