package hub

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/live"
	"onecity/streams"

	"github.com/gorilla/websocket"
)

// town is a running city with a hub before it: the real broker, the real
// model, the real socket.
type town struct {
	t      testing.TB
	broker *streams.Broker
	city   *live.City
	hub    *Hub
	server *httptest.Server
	stop   context.CancelFunc
	done   chan struct{}
	n      int
}

func newTown(t testing.TB, o Options) *town {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	broker, err := streams.Open(ctx, streams.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, broker: broker, stop: stop, done: make(chan struct{})}
	w.city = live.New(cim.NewModel(), broker, live.Options{})
	o.City = w.city
	if o.Scope == nil {
		o.Scope = func(*http.Request) cim.Scope { return cim.Whole() }
	}
	w.hub = New(o)
	w.server = httptest.NewServer(w.hub)
	cityDone := make(chan struct{})
	go func() { defer close(cityDone); _ = w.city.Run(ctx) }()
	go func() { defer close(w.done); _ = w.hub.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-w.done
		<-cityDone
		w.server.Close()
		if err := broker.Close(); err != nil {
			t.Error(err)
		}
	})
	w.put(cim.Profile{City: "320583", Name: "昆山市", NameEn: "Kunshan", TimeZone: "Asia/Shanghai"})
	return w
}

// put stores a fact and waits until the model has it.
func (w *town) put(f cim.Fact) uint64 {
	w.t.Helper()
	seq := w.send(f)
	w.await(seq)
	return seq
}

func (w *town) send(f cim.Fact) uint64 {
	w.t.Helper()
	data, err := cim.Encode(f)
	if err != nil {
		w.t.Fatal(err)
	}
	w.n++
	e := streams.Event{ID: strconv.Itoa(w.n), Source: "/test", Type: cim.TypeOf(f), Time: time.Now(), Data: data}
	if err := w.broker.Publish(w.t.Context(), e, streams.Written); err != nil {
		w.t.Fatal(err)
	}
	last, err := w.broker.Last(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return last
}

func (w *town) await(seq uint64) {
	w.t.Helper()
	eventually(w.t, fmt.Sprintf("the model at %d", seq), func() bool { return w.city.Snapshot().Seq() >= seq })
}

func (w *town) device(id string, lon, lat float64) cim.Device {
	return cim.Device{ID: id, Name: "站 " + id, Kind: "air", Lon: lon, Lat: lat,
		Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}}}
}

func (w *town) reading(device string, v float64) cim.Observations {
	return cim.Observations{Observations: []cim.Observation{{Device: device, Property: "pm2_5", Time: time.Now(), Value: v}}}
}

func (w *town) position(unit string, lon, lat float64) cim.Positions {
	return cim.Positions{Positions: []cim.Position{{Unit: unit, Time: time.Now(), Lon: lon, Lat: lat, Status: "moving"}}}
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never came: %s", what)
}

// browser is a client as docs/protocol.md describes one: it keeps the picture.
type browser struct {
	t     testing.TB
	conn  *websocket.Conn
	epoch string
	seq   uint64
	reset int
	got   int
	raw   []string
	layer map[string]map[string]map[string]any // layer → id → thing
	draw  map[string]any
}

func (w *town) browser() *browser {
	w.t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.server.URL, "http"), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { conn.Close() })
	return &browser{t: w.t, conn: conn, layer: map[string]map[string]map[string]any{}, draw: map[string]any{}}
}

func (b *browser) say(format string, args ...any) {
	b.t.Helper()
	if err := b.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...)); err != nil {
		b.t.Fatal(err)
	}
}
