package hub_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/internal/need"
	"onecity/internal/servertest"

	"github.com/gorilla/websocket"
)

// mostPerClient is what one client may add to the process's memory, in bytes.
// Both ends of its socket are in this process and count.
const mostPerClient = 40 << 10

func TestACrowdThatConnectsAtOnceGetsEverythingAndMissesNothing(t *testing.T) {
	need.OpenFiles(t, 2*crowd+500)
	s := servertest.Start(t)
	const devices = 20
	var town []cim.Device
	want := map[string]float64{} // device → what it said last
	for i := range devices {
		id := fmt.Sprintf("air-%02d", i)
		town = append(town, cim.Device{ID: id, Name: "站 " + id, Kind: "air", Lon: 120.90 + float64(i)/1000, Lat: 31.38,
			Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}}})
		want[id] = float64(10 + i)
	}
	s.Put(cim.Profile{City: "320583", Name: "昆山市", NameEn: "Kunshan", TimeZone: "Asia/Shanghai"})
	post(t, s.URL, "devices", town)
	s.Settle()
	post(t, s.URL, "observations", readings(want))
	s.Settle()
	before := memory()

	spectators := make([]*spectator, crowd)
	each(t, "connect and get everything", spectators, func(i int) (err error) {
		if spectators[i], err = connect(s.URL, i%2 == 0); err != nil {
			return err
		}
		return spectators[i].until(func(p *spectator) bool { return p.frames > 0 })
	})
	grown := memory() - before
	t.Logf("%d clients take %.1f KiB each, both ends of their sockets counted", crowd, float64(grown)/1024/crowd)
	if grown > crowd*mostPerClient && !racing {
		t.Errorf("memory grew by %d bytes a client, at most %d may be", grown/crowd, mostPerClient)
	}
	each(t, "have had everything", spectators, func(i int) error { return spectators[i].shows(want) })
	if got := figures(t, s.URL, "clients", "connected_total", "refused_total", "views"); got != fmt.Sprint([]string{fmt.Sprint(crowd), fmt.Sprint(crowd), "0", "1"}) {
		t.Errorf("clients, connected, refused and views are %s", got)
	}

	// What happens later comes to every one of them, whatever frames it comes in.
	for round := range 3 {
		news := map[string]float64{}
		for i := round; i < devices; i += 3 {
			news[fmt.Sprintf("air-%02d", i)] = float64(100*(round+1) + i)
		}
		post(t, s.URL, "observations", readings(news))
		for id, v := range news {
			want[id] = v
		}
	}
	each(t, "get what changed", spectators, func(i int) error {
		p := spectators[i]
		if err := p.until(func(p *spectator) bool { return p.shows(want) == nil }); err != nil {
			return err
		}
		if p.resets != 1 {
			return fmt.Errorf("got everything %d times, once was due", p.resets)
		}
		return nil
	})
	if got := figures(t, s.URL, "clients", "slow_total", "misbehaved_total"); got != fmt.Sprint([]string{fmt.Sprint(crowd), "0", "0"}) {
		t.Errorf("clients, slow and misbehaved are %s", got)
	}
	for _, p := range spectators {
		p.conn.Close()
	}
	for end := time.Now().Add(time.Minute); figures(t, s.URL, "clients") != "[0]"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("clients that have gone are still counted")
		}
	}
}

// each does something for all spectators at once, and tells of the failures.
func each(t *testing.T, what string, all []*spectator, do func(i int) error) {
	t.Helper()
	var wait sync.WaitGroup
	failed := make([]error, len(all))
	for i := range all {
		wait.Go(func() { failed[i] = do(i) })
	}
	wait.Wait()
	n := 0
	for i, err := range failed {
		if err != nil {
			if n++; n <= 3 {
				t.Errorf("client %d: %v", i, err)
			}
		}
	}
	if n > 0 {
		t.Fatalf("%d of %d clients did not %s", n, len(all), what)
	}
}

// memory is what the process uses for things and for goroutines, in bytes.
func memory() int64 {
	for range 3 { // pools give up what they hold in two
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// readings are what devices say now.
func readings(values map[string]float64) (all []cim.Observation) {
	for id, v := range values {
		all = append(all, cim.Observation{Device: id, Property: "pm2_5", Time: time.Now(), Value: v})
	}
	return all
}

// post sends a batch as a program would, and fails unless all is accepted.
func post[T any](t *testing.T, url, what string, batch []T) {
	t.Helper()
	b, err := json.Marshal(map[string][]T{what: batch})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(url+"/api/v1/"+what, "application/json", bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct{ Accepted int }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Accepted != len(batch) {
		t.Fatalf("%s: %d of %d %s accepted (%v)", res.Status, answer.Accepted, len(batch), what, err)
	}
}

// figures are the live socket's of those names, as /metrics tells them.
func figures(t *testing.T, url string, names ...string) string {
	t.Helper()
	res, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]string, len(names))
	for line := range strings.Lines(string(text)) {
		for i, name := range names {
			if v, ok := strings.CutPrefix(line, "onecity_live_"+name+" "); ok {
				values[i] = strings.TrimSpace(v)
			}
		}
	}
	return fmt.Sprint(values)
}

// spectator is a client as docs/protocol.md describes one, as lean as can be,
// for there are many.
type spectator struct {
	conn           *websocket.Conn
	epoch          string
	seq            uint64
	frames, resets int
	values         map[string]float64
}

var errGap = errors.New("a frame does not go on where the one before ended")

// connect opens a live socket and subscribes; browsers offer compression, some
// programs do not.
func connect(url string, compression bool) (*spectator, error) {
	dialer := websocket.Dialer{ReadBufferSize: 1024, WriteBufferSize: 256, WriteBufferPool: &writeBuffers, EnableCompression: compression}
	conn, _, err := dialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/ws", nil)
	if err != nil {
		return nil, err
	}
	const request = `{"op":"sub","id":"all","view":{"layers":["devices"],"rate":10}}`
	return &spectator{conn: conn, values: map[string]float64{}}, conn.WriteMessage(websocket.TextMessage, []byte(request))
}

var writeBuffers sync.Pool

// until hears what comes until ok. A minute without a word is a loss.
func (p *spectator) until(ok func(*spectator) bool) error {
	for !ok(p) {
		if err := p.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			return err
		}
		_, body, err := p.conn.ReadMessage()
		if err != nil {
			return fmt.Errorf("after %d frames: %w", p.frames, err)
		}
		if err := p.hear(body); err != nil {
			return err
		}
	}
	return nil
}

func (p *spectator) hear(body []byte) error {
	var m struct {
		Op        string
		ID        string
		Epoch     string
		From, Seq uint64
		Reset     bool
		Devices   []struct {
			ID     string
			Values map[string][2]float64
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return fmt.Errorf("%w: %s", err, body)
	}
	switch {
	case m.Op == "subscribed" && m.ID == "all" && p.frames == 0:
		return nil
	case m.Op != "frame":
		return fmt.Errorf("unexpected: %s", body)
	case m.Reset:
		p.resets++
		clear(p.values)
	case m.From != p.seq || m.Epoch != p.epoch || m.Seq <= p.seq:
		return fmt.Errorf("%w: from %d to %d at %d", errGap, m.From, m.Seq, p.seq)
	}
	p.frames++
	p.epoch, p.seq = m.Epoch, m.Seq
	for _, d := range m.Devices {
		p.values[d.ID] = d.Values["pm2_5"][0]
	}
	return nil
}

// shows is nil when the picture is as wanted.
func (p *spectator) shows(want map[string]float64) error {
	if len(p.values) != len(want) {
		return fmt.Errorf("shows %d devices, there are %d", len(p.values), len(want))
	}
	for id, v := range want {
		if p.values[id] != v {
			return fmt.Errorf("shows %v for %s, it said %v", p.values[id], id, v)
		}
	}
	return nil
}
