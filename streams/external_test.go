package streams

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// startExternal runs a NATS server as a cluster's administrator would.
func startExternal(t testing.TB) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		ServerName: "external", Host: "127.0.0.1", Port: server.RANDOM_PORT,
		JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true, MaxPayload: maxPayload,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the external server did not become ready")
	}
	return s
}

func TestAnExternalServerIsTheSamePath(t *testing.T) {
	s := startExternal(t)
	one, two := open(t, Options{URL: s.ClientURL()}), open(t, Options{URL: s.ClientURL()})
	if one.Epoch() != two.Epoch() || one.Epoch() == "" {
		t.Errorf("two nodes of one stream see epochs %q and %q", one.Epoch(), two.Epoch())
	}
	publish(t, one, "a")
	if err := two.Publish(t.Context(), fact("b"), Synced); err != nil {
		t.Fatal(err)
	}
	publish(t, two, "a")
	if got := ids(read(t, two, 0, 2)); got != "a b" {
		t.Errorf("read %q, want a b", got)
	}
	if err := one.PutMedia(t.Context(), "x", "image/png", []byte("photo")); err != nil {
		t.Fatal(err)
	}
	if body, typ, err := two.Media(t.Context(), "x"); err != nil || string(body) != "photo" || typ != "image/png" {
		t.Errorf("photo %q %s (%v)", body, typ, err)
	}
	if one.MQTTAddr() != "" {
		t.Error("an external server has no MQTT listener of ours")
	}
}

func TestAReaderLivesThroughARestartOfTheServer(t *testing.T) {
	b := open(t, Options{MQTT: "127.0.0.1:0", Credentials: knows})
	publish(t, b, "a")
	addr := b.MQTTAddr()
	var got []string
	err := b.Consume(t.Context(), 0, func(e Received) error {
		got = append(got, e.ID)
		switch e.ID {
		case "a":
			if err := b.srv.heal(); err != nil {
				return err
			}
			until(t, "the broker takes facts again", func() bool { return b.Publish(t.Context(), fact("b"), Written) == nil })
			return nil
		case "b":
			return errEnough
		}
		return errors.New("unexpected event")
	})
	if !errors.Is(err, errEnough) || len(got) != 2 {
		t.Errorf("read %v: %v", got, err)
	}
	if b.MQTTAddr() != addr {
		t.Errorf("the MQTT listener moved from %s to %s", addr, b.MQTTAddr())
	}
}
