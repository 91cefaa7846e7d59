package mqtt

import (
	"context"
	"fmt"
	"testing"
	"time"

	"onecity/cim"
	"onecity/ingest"
	"onecity/streams"
)

// nowhere takes everything: what is measured is reading and checking.
type nowhere struct{}

func (nowhere) Publish(context.Context, streams.Event, streams.Durability) error { return nil }

// BenchmarkMove is a batch of 1,000 messages of one reading each.
func BenchmarkMove(b *testing.B) {
	model := cim.NewModel()
	now := time.Now()
	var devices []cim.Device
	var ms []streams.DeviceMessage
	for i := range 1000 {
		id := fmt.Sprintf("dev-%04d", i)
		devices = append(devices, cim.Device{ID: id, Name: id, Kind: "air", Lon: 121, Lat: 31.4, Datastreams: []cim.Datastream{{Property: "pm2_5"}}})
		ms = append(ms, streams.DeviceMessage{Device: id, Topic: "telemetry", Seq: uint64(i), At: now,
			Body: fmt.Appendf(nil, `{"time":%q,"values":{"pm2_5":%d.5}}`, now.Format(time.RFC3339Nano), i%90)})
	}
	model.Fold(cim.Event{Seq: 1, At: now, Fact: cim.DevicesPut{Devices: devices}})
	city := model.Snapshot()
	gate := ingest.NewGate(func() *cim.Snapshot { return city }, nowhere{}, func() time.Time { return now })
	m := mover{gate: gate.SpellOut(ingest.MaxBatch)}
	b.ReportAllocs()
	for b.Loop() {
		if err := m.move(b.Context(), ms); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(ms)), "ns/message")
}
