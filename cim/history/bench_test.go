package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"onecity/cim"
	"onecity/internal/need"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/paulmach/orb"
)

// BenchmarkRecord is observations from the stream into the database, in events
// of a hundred from 5,000 devices with 4 datastreams each, with a commit that
// waits for the disk.
func BenchmarkRecord(b *testing.B) {
	s, br := openStore(b, durable(b)), openBroker(b)
	const devices, each = 5000, 100
	properties := []cim.Property{"pm2_5", "noise", "temperature", "humidity"}
	rng := rand.New(rand.NewPCG(1, 2))
	send(b, br, littleCity()...)
	put := cim.DevicesPut{}
	for d := range devices {
		dev := cim.Device{ID: fmt.Sprintf("dev-%05d", d), Kind: "air", Lon: 120.8 + rng.Float64()*0.4, Lat: 31.2 + rng.Float64()*0.4}
		for _, p := range properties {
			dev.Datastreams = append(dev.Datastreams, cim.Datastream{Property: p})
		}
		put.Devices = append(put.Devices, dev)
	}
	send(b, br, put)
	stop := run(b, s.Recorder(br, RecorderOptions{}))
	caughtUp(b, s, br)
	stop()
	now := time.Now().UTC()
	n := 0
	for n < b.N {
		var f cim.Observations
		for range min(each, b.N-n) {
			f.Observations = append(f.Observations, cim.Observation{
				Device: fmt.Sprintf("dev-%05d", n/4%devices), Property: properties[n%4],
				Time: now.Add(time.Duration(n/(4*devices)) * time.Second), Value: float64(n % 97),
			})
			n++
		}
		send(b, br, f)
	}
	b.ReportAllocs()
	b.ResetTimer()
	run(b, s.Recorder(br, RecorderOptions{}))
	caughtUp(b, s, br)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "observations/s")
}

// durable is a server with the settings of a real one, not those of the tests.
func durable(b *testing.B) (dsn string) {
	srv, err := postgres.Start(b.Context(), postgres.Options{DataDir: pgtest.Dir(b), Log: quiet})
	if errors.Is(err, postgres.ErrNoBinaries) {
		need.Missing(b, "%v", err)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := srv.Stop(); err != nil {
			b.Error(err)
		}
	})
	return srv.DSN()
}

// BenchmarkLoad is the model back from a database of b.N objects, mostly
// buildings of ten corners.
func BenchmarkLoad(b *testing.B) {
	s := openStore(b, pgtest.Database(b))
	w := objectWriter(b, s)
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 0; n < b.N; {
		var f cim.ObjectsPut
		for range min(20_000, b.N-n) {
			f.Objects = append(f.Objects, building(rng, n))
			n++
		}
		w(f)
	}
	b.ReportAllocs()
	b.ResetTimer()
	m, _, err := s.Load(b.Context(), "")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
	b.StopTimer()
	if got := m.Snapshot().In(cim.Whole()).Tally("").Objects[cim.LayerBuildings]; got != b.N {
		b.Fatalf("%d objects in the model", got)
	}
}

func building(rng *rand.Rand, n int) cim.Object {
	lon, lat := 120.8+rng.Float64()*0.4, 31.2+rng.Float64()*0.4
	ring := make(orb.Ring, 11)
	for i := range ring {
		ring[i] = orb.Point{lon + rng.Float64()*2e-4, lat + rng.Float64()*2e-4}
	}
	ring[10] = ring[0]
	return cim.Object{ID: fmt.Sprintf("way/%d", n), Layer: cim.LayerBuildings, Class: "Building", Kind: "residential",
		Geometry: orb.Polygon{ring}, Height: float32(rng.IntN(100)), Source: "made for a benchmark", Made: true}
}

// objectWriter writes objects as the recorder does.
func objectWriter(b *testing.B, s *Store) func(cim.Fact) {
	pooled, err := s.pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pooled.Release)
	conn := pooled.Conn()
	if _, err := conn.Exec(b.Context(), staging); err != nil {
		b.Fatal(err)
	}
	w := &writer{conn: conn, cat: &catalog{}}
	at := position{}
	return func(f cim.Fact) {
		to := position{seq: at.seq + 1, at: time.Now()}
		if err := w.write(context.Background(), at, &batch{to: to, standing: []cim.Fact{f}}); err != nil {
			b.Fatal(err)
		}
		at = to
	}
}
