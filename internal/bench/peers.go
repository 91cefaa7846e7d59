package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/city"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// PeerRegion asks orb/planar the same question as our own index, on the real
// regions of Kunshan: every region whose bound holds the point is tried.
func PeerRegion(ctx context.Context, _ *Env) ([]Figure, error) {
	var regions []geo.Region
	found := errors.New("the regions were found")
	err := city.Load(ctx, "kunshan", city.Options{}, func(f cim.Fact) error {
		if put, ok := f.(cim.RegionsPut); ok {
			regions = put.Regions
			return found
		}
		return nil
	})
	if !errors.Is(err, found) {
		return nil, fmt.Errorf("find the regions of Kunshan: %w", err)
	}
	tree, err := geo.NewRegions(regions)
	if err != nil {
		return nil, err
	}
	bounds := make([]orb.Bound, len(regions))
	whole := regions[0].Geometry.Bound()
	for i, r := range regions {
		bounds[i] = r.Geometry.Bound()
		whole = whole.Union(bounds[i])
	}
	points := make([]orb.Point, 4096)
	for i := range points {
		f := float64(i) / float64(len(points))
		points[i] = orb.Point{whole.Min[0] + f*(whole.Max[0]-whole.Min[0]), whole.Min[1] + (f*37-float64(int(f*37)))*(whole.Max[1]-whole.Min[1])}
	}
	peer := testing.Benchmark(func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			p := points[i%len(points)]
			for k, r := range regions {
				if bounds[k].Contains(p) {
					planar.MultiPolygonContains(r.Geometry, p)
				}
			}
		}
	})
	ours := testing.Benchmark(func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			tree.At(points[i%len(points)])
		}
	})
	return []Figure{{
		What: fmt.Sprintf("point → region, the real %d regions of Kunshan", len(regions)), Unit: "µs", Target: 2, Reached: float64(ours.NsPerOp()) * micro,
		Note: fmt.Sprintf("orb/planar behind a bounding box, all regions: %s µs", number(float64(peer.NsPerOp())*micro)),
	}}, nil
}

// PeerIngest publishes the same observations to NATS JetStream as it is: a file
// stream, asynchronous publishing with acknowledgements, nothing checked, folded
// or recorded. It is the ceiling of what ingest could reach here.
func PeerIngest(ctx context.Context, e *Env) ([]Figure, error) {
	dir, err := os.MkdirTemp("", "onecity-bench-nats-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ns, err := natsserver.NewServer(&natsserver.Options{ServerName: "peer", Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true})
	if err != nil {
		return nil, fmt.Errorf("make a NATS server: %w", err)
	}
	ns.Start()
	defer func() { ns.Shutdown(); ns.WaitForShutdown() }()
	if !ns.ReadyForConnections(10 * time.Second) {
		return nil, errors.New("the NATS server does not come up")
	}
	nc, err := nats.Connect(ns.ClientURL())
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(256))
	if err != nil {
		return nil, err
	}
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "PEER", Subjects: []string{"peer"}, Storage: jetstream.FileStorage}); err != nil {
		return nil, fmt.Errorf("make the peer's stream: %w", err)
	}
	const perBatch = 100
	ds := devices(perBatch)
	lasting := e.lasting(10 * time.Second)
	e.Log("peer: NATS JetStream alone for %s", lasting)
	var body []byte
	n := 0
	began := time.Now()
	for k := 0; time.Since(began) < lasting; k++ {
		body = batch(body, ds, began.Add(time.Duration(k)*time.Millisecond), float64(k%500)/10)
		if _, err := js.PublishAsync("peer", append([]byte(nil), body...)); err != nil {
			return nil, fmt.Errorf("publish to the peer: %w", err)
		}
		n += perBatch * len(streamsOf)
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-time.After(30 * time.Second):
		return nil, errors.New("the peer does not acknowledge")
	}
	return []Figure{{
		What: "peer: the same batches into plain NATS JetStream", Unit: "observations/s", AtLeast: true, Reached: float64(n) / time.Since(began).Seconds(),
		Note: "one sender in process, no HTTP, nothing checked, folded or recorded: a ceiling",
	}}, nil
}
