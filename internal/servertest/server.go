package servertest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/live"
	"onecity/ingest"
	"onecity/ingest/mqtt"
	"onecity/internal/credentials"
	"onecity/streams"
	"onecity/web"
	"onecity/web/limit"
)

// Server is a running server.
type Server struct {
	URL, MQTT string
	City      *live.City
	Gate      *ingest.Gate
	Broker    *streams.Broker

	t testing.TB
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	secrets := credentials.New()
	broker, err := streams.Open(ctx, streams.Options{Dir: t.TempDir(), MQTT: "127.0.0.1:0", Credentials: secrets.Check, Log: quiet})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := broker.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &Server{City: live.New(cim.NewModel(), broker, live.Options{}), Broker: broker, MQTT: broker.MQTTAddr(), t: t}
	s.Gate = ingest.NewGate(s.City.Snapshot, broker, time.Now)
	server, err := web.New(web.Deps{Who: Everybody, City: s.City, Gate: s.Gate, Broker: broker, Credentials: secrets, Log: quiet}, web.Options{Limits: limit.None()})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := web.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.URL = "http://" + listener.Addr().String()
	run := func(what string, fn func() error) {
		running.Go(func() {
			if err := fn(); err != nil && ctx.Err() == nil {
				t.Errorf("%s: %v", what, err)
			}
		})
	}
	known := make(chan struct{})
	run("model", func() error { return s.City.Run(ctx) })
	run("credentials", func() error { return secrets.Run(ctx, broker, known) })
	run("server", func() error { return server.Run(ctx, listener) })
	<-known
	<-s.City.Ready()
	run("mqtt", func() error { return mqtt.Run(ctx, broker, s.Gate) })
	return s
}

// Put stores facts of what stands in the city and waits until the model has them.
func (s *Server) Put(facts ...cim.Fact) {
	s.t.Helper()
	for _, f := range facts {
		a, err := s.Gate.Standing(s.t.Context(), "/test", "", f)
		if err != nil || len(a.Problems) > 0 {
			s.t.Fatalf("%T: %v %v", f, a.Problems, err)
		}
	}
	s.Settle()
}

// Settle waits until nothing new has been stored for half a second and the
// model has folded all of it: MQTT messages go on in after their PUBACK.
func (s *Server) Settle() cim.Reader {
	s.t.Helper()
	const look = 50 * time.Millisecond
	tick := time.NewTicker(look)
	defer tick.Stop()
	before := uint64(0)
	for still := 0; still < 10; {
		last, err := s.Broker.Last(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if last == before && s.City.Snapshot().Seq() >= last {
			still++
		} else {
			still = 0
		}
		before = last
		select {
		case <-tick.C:
		case <-s.t.Context().Done():
			s.t.Fatal("the test ended before the server had settled")
		}
	}
	return s.City.Snapshot().In(cim.Whole())
}
