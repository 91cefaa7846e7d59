package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"onecity/cim"
	"onecity/cim/live"
	"onecity/geo"
	"onecity/ingest"
	"onecity/ingest/feeds"
	"onecity/internal/credentials"
	"onecity/streams"
	"onecity/web/limit"

	"github.com/paulmach/orb"
)

// town is the server as it runs, before a real broker and a real model.
type town struct {
	t       testing.TB
	dir     string
	broker  *streams.Broker
	city    *live.City
	server  *Server
	url     string
	stop    func()
	secrets *credentials.Store
}

type townOptions struct {
	Options
	dir string // of a town before, to start again
	app fstest.MapFS
	// who sends requests; nil is somebody who may do everything.
	who Who
	log *slog.Logger // nil is nowhere
	// identity is the directory; nil is none.
	identity *Identity
	// contracts of feeds, JSON.
	contracts []string
}

func newTown(t testing.TB, o townOptions) *town {
	t.Helper()
	w := &town{t: t, dir: o.dir, secrets: credentials.New()}
	if w.dir == "" {
		w.dir = t.TempDir()
	}
	quiet := slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	w.broker, err = streams.Open(ctx, streams.Options{Dir: w.dir, MQTT: "127.0.0.1:0", Credentials: w.secrets.Check, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	w.city = live.New(cim.NewModel(), w.broker, live.Options{})
	gate := ingest.NewGate(w.city.Snapshot, w.broker, time.Now)
	d := Deps{Who: everybody, City: w.city, Gate: gate, Broker: w.broker, Credentials: w.secrets, Log: quiet}
	if o.who != nil {
		d.Who = o.who
	}
	d.Identity = o.identity
	if o.log != nil {
		d.Log = o.log
	}
	if o.app != nil {
		d.App = o.app
	}
	if len(o.contracts) > 0 {
		d.Feeds = feedsOf(t, o.contracts, gate, w.broker, quiet)
	}
	if o.Limits == (limit.Budgets{}) {
		o.Limits = limit.None() // a test's one caller is a whole city
	}
	w.server, err = New(d, o.Options)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "http://" + l.Addr().String()
	known := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { _ = w.city.Run(ctx) })
	running.Go(func() { _ = w.secrets.Run(ctx, w.broker, known) })
	running.Go(func() {
		if err := w.server.Run(ctx, l); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	var once sync.Once
	w.stop = func() {
		once.Do(func() {
			cancel()
			running.Wait()
			if err := w.broker.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(w.stop)
	<-known
	<-w.city.Ready()
	return w
}

func feedsOf(t testing.TB, contracts []string, gate *ingest.Gate, broker *streams.Broker, log *slog.Logger) *feeds.Service {
	t.Helper()
	o := feeds.Options{Dir: t.TempDir(), Gate: gate, Bury: broker.Bury, Log: log}
	for _, text := range contracts {
		c, err := feeds.ParseContract([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		o.Contracts = append(o.Contracts, c)
	}
	s, err := feeds.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// settle founds the town: a city of two districts with two devices and a unit.
func (w *town) settle() {
	w.t.Helper()
	square := func(west, east float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{west, 31.2}, {east, 31.2}, {east, 31.5}, {west, 31.5}, {west, 31.2}}}}
	}
	w.put(cim.Profile{City: "320583", Name: "昆山市", NameEn: "Kunshan", TimeZone: "Asia/Shanghai", Notices: []string{"测试"}})
	w.put(cim.RegionsPut{Regions: []geo.Region{
		{Code: "320583", Name: "昆山市", NameEn: "Kunshan", Level: geo.LevelCity, Geometry: square(120.8, 121.2), Centre: orb.Point{121, 31.35}},
		{Code: "320583100", Name: "玉山镇", Level: geo.LevelDistrict, Parent: "320583", Geometry: square(120.8, 121), Centre: orb.Point{120.9, 31.35}},
		{Code: "320583101", Name: "巴城镇", Level: geo.LevelDistrict, Parent: "320583", Geometry: square(121, 121.2), Centre: orb.Point{121.1, 31.35}, Made: true},
	}})
	w.put(cim.ObjectsPut{Objects: []cim.Object{{ID: "r1", Layer: cim.LayerRoads, Class: "Road", Kind: "primary", Name: "前进路",
		Geometry: orb.LineString{{120.9, 31.38}, {120.95, 31.39}}}}})
	w.expect("POST", "/api/v1/devices", `{"devices":[`+
		`{"id":"west","name":"西站","kind":"air","lon":120.9,"lat":31.38,"datastreams":[{"property":"pm2_5","unit":"ug/m3"}]},`+
		`{"id":"east","name":"东站","kind":"air","lon":121.1,"lat":31.38,"datastreams":[{"property":"pm2_5","unit":"ug/m3"}]}]}`, 200)
	w.expect("POST", "/api/v1/units", `{"units":[{"id":"car-1","name":"巡查一","kind":"grid"}]}`, 200)
	w.awaitEnd()
}

// send stores a fact; put waits until the model has it.
func (w *town) put(f cim.Fact) {
	w.t.Helper()
	w.send(f)
	w.awaitEnd()
}

func (w *town) send(f cim.Fact) {
	w.t.Helper()
	data, err := cim.Encode(f)
	if err != nil {
		w.t.Fatal(err)
	}
	e := streams.Event{ID: fmt.Sprint(time.Now().UnixNano()), Source: "/test", Type: cim.TypeOf(f), Time: time.Now(), Data: data}
	if err := w.broker.Publish(w.t.Context(), e, streams.Written); err != nil {
		w.t.Fatal(err)
	}
}

// awaitEnd waits until the model has folded everything that is stored.
func (w *town) awaitEnd() {
	w.t.Helper()
	last, err := w.broker.Last(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	eventually(w.t, "the model at the end of the stream", func() bool { return w.city.Snapshot().Seq() >= last })
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

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) json(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, r.body)
	}
	return v
}

func (w *town) ask(method, path, body string, headers ...string) reply {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body == "" {
		req.Body = http.NoBody
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := (&http.Transport{DisableCompression: true}).RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, bytes.TrimSpace(b)}
}

func (w *town) expect(method, path, body string, status int, headers ...string) reply {
	w.t.Helper()
	r := w.ask(method, path, body, headers...)
	if r.status != status {
		w.t.Fatalf("%s %s: %d, want %d: %s", method, path, r.status, status, r.body)
	}
	return r
}
