package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/cimtest"
	"onecity/streams"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"
)

var quiet = slog.New(slog.DiscardHandler)

// external is a NATS server that several nodes share.
func external(t testing.TB) string {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		ServerName: "external", Host: "127.0.0.1", Port: server.RANDOM_PORT,
		JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true, MaxPayload: 8 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server did not become ready")
	}
	return s.ClientURL()
}

func connect(t testing.TB, url string) *streams.Broker {
	t.Helper()
	b, err := streams.Open(t.Context(), streams.Options{URL: url, Log: quiet})
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

// start runs a City until the end of the test.
func start(t testing.TB, c *City) *City {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the city ended with %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return c
}

func publish(ctx context.Context, b *streams.Broker, id string, f cim.Fact) error {
	body, err := cim.Encode(f)
	if err != nil {
		return err
	}
	return b.Publish(ctx, streams.Event{ID: id, Source: "/test", Type: cim.TypeOf(f), Data: body}, streams.Written)
}

// tell publishes n facts of a random city, some of them twice.
func tell(ctx context.Context, b *streams.Broker, seed uint64, n int) error {
	story := cimtest.NewStory(seed)
	r := rand.New(rand.NewPCG(seed, 12))
	for i := range n {
		story.Now = time.Now()
		f := story.Fact()
		if r.IntN(20) == 0 {
			f = cimtest.Reform(r)
		}
		id := fmt.Sprintf("%d-%d", seed, i)
		for range 1 + r.IntN(10)/9 {
			if err := publish(ctx, b, id, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestNodesOfOneServerAreTheSameCityAtEveryPosition(t *testing.T) {
	url := external(t)
	// Each node publishes every event, so that many positions can be compared.
	var mu sync.Mutex
	seen := [3]map[uint64]*cim.Snapshot{{}, {}, {}}
	var nodes [3]*City
	var brokers [3]*streams.Broker
	begin := func(i int) {
		brokers[i] = connect(t, url)
		nodes[i] = New(cim.NewModel(), brokers[i], Options{Every: time.Nanosecond})
		nodes[i].Watch(func(s Step) {
			mu.Lock()
			defer mu.Unlock()
			seen[i][s.Snapshot.Seq()] = s.Snapshot
		})
		start(t, nodes[i])
	}
	begin(0)
	begin(1)
	if err := publish(t.Context(), brokers[0], "towns", cimtest.FourTowns()); err != nil {
		t.Fatal(err)
	}
	// Publishers on both nodes at once, and the clock of each.
	strike, stop := context.WithCancel(t.Context())
	var clocks, publishers errgroup.Group
	for i := range 2 {
		clocks.Go(func() error { return Strike(strike, brokers[i]) })
	}
	for i := range 4 {
		publishers.Go(func() error { return tell(t.Context(), brokers[i%2], uint64(i), 60) })
	}
	if err := publishers.Wait(); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := clocks.Wait(); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	begin(2) // one that comes when all is over
	end, err := brokers[0].Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range nodes {
		if _, err := reached(t.Context(), nodes[i], end); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	compared := 0
	for at, s := range seen[0] {
		for i := 1; i < len(seen); i++ {
			other, ok := seen[i][at]
			if !ok {
				continue
			}
			compared++
			if other.Hash() != s.Hash() {
				t.Errorf("at %d nodes 0 and %d are different cities", at, i)
			}
		}
	}
	if compared < 20 || seen[0][end] == nil || seen[1][end] == nil || seen[2][end] == nil {
		t.Errorf("only %d positions of %d could be compared", compared, end)
	}
}

// reached is the City's snapshot at that position, once it is there.
func reached(ctx context.Context, c *City, goal uint64) (*cim.Snapshot, error) {
	found := make(chan *cim.Snapshot, 1)
	look := func(s *cim.Snapshot) {
		if s.Seq() >= goal {
			select {
			case found <- s:
			default:
			}
		}
	}
	stop := c.Watch(func(s Step) { look(s.Snapshot) })
	defer stop()
	look(c.Snapshot())
	select {
	case s := <-found:
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestABulkOfStandingThingsIsHandedOut(t *testing.T) {
	b := connect(t, external(t))
	handed := make(chan *cim.Snapshot, 10)
	c := start(t, New(cim.NewModel(), b, Options{OnBulk: func(s *cim.Snapshot) { handed <- s }}))
	put := cim.ObjectsPut{}
	for i := range bulkSize/2 - 1 {
		put.Objects = append(put.Objects, cim.Object{ID: fmt.Sprint(i), Layer: cim.LayerPlaces, Geometry: orb.Point{121, 31}})
	}
	gone := cim.ObjectsRemoved{IDs: []string{"0", "1"}}
	var ends []uint64
	for i, f := range []cim.Fact{put, put, gone, gone, put, put, gone} {
		if err := publish(t.Context(), b, fmt.Sprint(i), f); err != nil {
			t.Fatal(err)
		}
		end, err := b.Last(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	if _, err := reached(t.Context(), c, ends[6]); err != nil {
		t.Fatal(err)
	}
	// Two puts are two short of a bulk, the removal completes it.
	for _, want := range []uint64{ends[2], ends[5]} {
		if s := <-handed; s.Seq() != want {
			t.Errorf("handed out at %d, want %d", s.Seq(), want)
		}
	}
	if len(handed) > 0 {
		t.Errorf("handed out %d more", len(handed))
	}
}
