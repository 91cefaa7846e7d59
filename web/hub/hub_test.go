package hub

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onecity/cim"

	"github.com/gorilla/websocket"
)

func TestAReaderGetsEverythingOnceAndThenWhatChanges(t *testing.T) {
	w := newTown(t, Options{})
	w.put(cim.DevicesPut{Devices: []cim.Device{w.device("a", 120.95, 31.39), w.device("b", 120.96, 31.38)}})
	b := w.browser()
	b.say(`{"op":"sub","id":"x","view":{"layers":["devices","cells"],"rate":40}}`)
	if m := b.hear(); m.Op != "subscribed" || m.ID != "x" || m.View == "" {
		t.Fatalf("the first answer is %+v", m)
	}
	first := b.hear()
	if !first.Reset || len(first.layers["devices"]) != 2 {
		t.Fatalf("the first frame is not everything: %+v", first)
	}
	w.put(w.reading("a", 17.5))
	b.until("the reading of a", func() bool { return b.value("a") == 17.5 })
	if b.reset != 1 {
		t.Errorf("%d frames with everything, want 1", b.reset)
	}
	if last := b.raw[len(b.raw)-1]; strings.Contains(last, `"id":"b"`) {
		t.Errorf("b did not change but was sent again: %s", last)
	}
	if cells := b.layer["cells"]; len(cells) != 2 {
		t.Errorf("%d cells in the picture, want 2: %v", len(cells), cells)
	}
}

func TestAThingThatLeavesTheBoxIsGoneAndOneOutsideIsNeverMentioned(t *testing.T) {
	w := newTown(t, Options{})
	w.put(cim.UnitsPut{Units: []cim.Unit{{ID: "in", Kind: "grid"}, {ID: "out", Kind: "grid"}}})
	w.put(w.position("in", 120.95, 31.39))
	w.put(w.position("out", 121.05, 31.20))
	b := w.browser()
	b.say(`{"op":"sub","id":"x","view":{"layers":["units"],"bbox":[120.9,31.3,121.0,31.4],"rate":40}}`)
	b.until("the unit inside", func() bool { return len(b.layer["units"]) == 1 })
	w.put(w.position("out", 121.06, 31.21))
	w.put(w.position("in", 121.05, 31.39))
	b.until("the unit leaves", func() bool { return len(b.layer["units"]) == 0 && b.got > 1 })
	w.put(w.position("in", 120.96, 31.38))
	b.until("the unit comes back", func() bool { return len(b.layer["units"]) == 1 })
	for _, raw := range b.raw {
		if strings.Contains(raw, `"out"`) {
			t.Errorf("a unit outside the box was mentioned: %s", raw)
		}
	}
}

func TestAReaderWhoComesBackGoesOnWithoutGapOrRepeat(t *testing.T) {
	w := newTown(t, Options{})
	var devices []cim.Device
	for i := range 20 {
		devices = append(devices, w.device(fmt.Sprint("d", i), 120.95, 31.39))
	}
	w.put(cim.DevicesPut{Devices: devices})
	const view = `"view":{"layers":["devices"],"rate":40}`
	b := w.browser()
	b.say(`{"op":"sub","id":"x",%s}`, view)
	b.until("all", func() bool { return len(b.layer["devices"]) == 20 })
	b.conn.Close()

	for i := range 5 {
		w.put(w.reading(fmt.Sprint("d", i), float64(100+i)))
	}
	c := w.browser()
	c.layer, c.epoch, c.seq = b.layer, b.epoch, b.seq
	c.say(`{"op":"sub","id":"x",%s,"since":{"epoch":%q,"seq":%d}}`, view, b.epoch, b.seq)
	sent := map[string]bool{}
	for c.value("d4") != 104.0 {
		for _, d := range c.hear().layers["devices"] {
			sent[d["id"].(string)] = true
		}
	}
	for i := range 5 {
		if c.value(fmt.Sprint("d", i)) != float64(100+i) {
			t.Errorf("d%d was missed while away", i)
		}
	}
	if len(sent) != 5 || c.reset != 0 {
		t.Errorf("%d devices were sent and %d frames with everything; 5 changed: %v", len(sent), c.reset, sent)
	}
	if n := w.hub.Stats().Resumed; n != 1 {
		t.Errorf("%d resumed, want 1", n)
	}
}

func TestAPositionThatMeansNothingGetsEverything(t *testing.T) {
	w := newTown(t, Options{})
	w.put(cim.DevicesPut{Devices: []cim.Device{w.device("a", 120.95, 31.39)}})
	for name, since := range map[string]string{
		"another epoch": `{"epoch":"other","seq":1}`,
		"too old":       fmt.Sprintf(`{"epoch":%q,"seq":0}`, w.city.Epoch()),
		"the future":    fmt.Sprintf(`{"epoch":%q,"seq":99999}`, w.city.Epoch()),
	} {
		b := w.browser()
		b.say(`{"op":"sub","id":"x","view":{"layers":["devices"]},"since":%s}`, since)
		b.until(name, func() bool { return b.got == 1 })
		if b.reset != 1 || len(b.layer["devices"]) != 1 {
			t.Errorf("%s: %d with everything, %d devices", name, b.reset, len(b.layer["devices"]))
		}
	}
}

func TestEqualViewsGetEqualBytesEncodedOnce(t *testing.T) {
	w := newTown(t, Options{})
	w.put(cim.DevicesPut{Devices: []cim.Device{w.device("a", 120.95, 31.39)}})
	var all []*browser
	for i := range 20 {
		b := w.browser()
		layers := `"devices","cells"`
		if i%2 == 1 {
			layers = `"cells","devices"` // the same view in other words
		}
		b.say(`{"op":"sub","id":"s%d","view":{"layers":[%s]}}`, i, layers)
		b.until("everything", func() bool { return len(b.layer["devices"]) == 1 })
		all = append(all, b)
	}
	eventually(t, "all at the same position", func() bool { return w.hub.Stats().Clients == 20 })
	eventually(t, "all have had everything", func() bool { return w.hub.Stats().Sent >= 20 })
	before := w.hub.Stats()
	w.put(w.reading("a", 33))
	for _, b := range all {
		b.until("the reading", func() bool { return b.value("a") == 33.0 })
	}
	eventually(t, "all sent frames are counted", func() bool { return w.hub.Stats().Sent >= before.Sent+20 })
	after := w.hub.Stats()
	for _, b := range all[1:] {
		if b.raw[len(b.raw)-1] != all[0].raw[len(all[0].raw)-1] {
			t.Fatalf("different bytes:\n%s\n%s", b.raw[len(b.raw)-1], all[0].raw[len(all[0].raw)-1])
		}
	}
	if after.Views != 1 {
		t.Errorf("%d views, want 1", after.Views)
	}
	if encoded := after.Encoded - before.Encoded; encoded > 3 {
		t.Errorf("%d frames encoded for 20 readers", encoded)
	}
}

func TestAClientThatReadsNothingIsDroppedAndHoldsNobody(t *testing.T) {
	w := newTown(t, Options{WriteTimeout: 500 * time.Millisecond})
	var devices []cim.Device
	for i := range 2000 {
		devices = append(devices, w.device(fmt.Sprint("device-with-a-long-name-", i), 120.90+float64(i%50)/1000, 31.35+float64(i/50)/1000))
	}
	w.put(cim.DevicesPut{Devices: devices})
	deaf, err := net.Dial("tcp", w.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	if err := deaf.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return deaf, nil }}
	mute, _, err := dialer.Dial("ws"+strings.TrimPrefix(w.server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	const sub = `{"op":"sub","id":"x","view":{"layers":["devices"],"rate":40}}`
	if err := mute.WriteMessage(websocket.TextMessage, []byte(sub)); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	b.say(sub)
	b.until("all", func() bool { return len(b.layer["devices"]) == 2000 })
	for n := 0; w.hub.Stats().Slow == 0; n++ {
		if n == 2000 {
			t.Fatal("the deaf client was never dropped")
		}
		var all cim.Observations
		for i := range devices {
			all.Observations = append(all.Observations, w.reading(devices[i].ID, float64(n)).Observations...)
		}
		w.put(all)
		b.until("the others go on", func() bool { return b.value(devices[0].ID) == float64(n) })
	}
	eventually(t, "only one client is left", func() bool { return w.hub.Stats().Clients == 1 })
}

func TestASlowReaderGetsLaterMergedFrames(t *testing.T) {
	w := newTown(t, Options{})
	w.put(cim.DevicesPut{Devices: []cim.Device{w.device("a", 120.95, 31.39), w.device("b", 120.95, 31.39)}})
	// The view's own goroutine stands still for this test: the ticks are ours.
	l, bad := Spec{Layers: []string{"devices"}}.look(cim.Whole(), func(string) bool { return false })
	if bad != nil {
		t.Fatal(bad)
	}
	v, err := w.hub.open(l)
	if err != nil {
		t.Fatal(err)
	}
	start := v.next(0, true)
	for i := range 10 {
		w.put(w.reading("a", float64(i)))
	}
	seq := w.put(w.reading("b", 50))
	eventually(t, "the view at the end", func() bool { v.mu.Lock(); defer v.mu.Unlock(); return v.top >= seq })
	f := v.next(start.to, false)
	f.make()
	n := 0
	for _, id := range []string{"a", "b"} {
		v.mu.Lock()
		if i, ok := v.recent.index[thing{layer: cim.LayerDevices, id: id}]; ok && v.recent.marks[i].seq > start.to {
			n++
		}
		v.mu.Unlock()
	}
	if f.from != start.to || f.to < seq || n != 2 {
		t.Errorf("the merged frame goes from %d to %d with %d things; want %d to %d with 2", f.from, f.to, n, start.to, seq)
	}
	if v.next(f.to, false) != nil {
		t.Error("there is more after the newest")
	}
	if v.next(start.to, false) != f {
		t.Error("a second reader at the same position gets another frame")
	}
}

func TestRequestsThatCannotBeServedAreAnsweredWithProblems(t *testing.T) {
	w := newTown(t, Options{})
	b := w.browser()
	for request, code := range map[string]string{
		`{`: "", `{"op":"dance","id":"q"}`: "unknown-op", `{"op":"sub","id":"q"}`: "missing",
		`{"op":"sub","id":"q","view":{}}`:                                                 "missing",
		`{"op":"sub","id":"q","view":{"layers":["roads"]}}`:                               "unknown-layer",
		`{"op":"sub","id":"q","view":{"layers":["units"],"bbox":[3,2,1,0]}}`:              "malformed",
		`{"op":"sub","id":"q","view":{"layers":["units"],"bbox":[1]}}`:                    "malformed",
		`{"op":"sub","id":"q","view":{"layers":["units"],"rate":1000}}`:                   "out-of-range",
		`{"op":"sub","id":"q","view":{"layers":["cells"],"res":12}}`:                      "out-of-range",
		`{"op":"sub","id":"q","view":{"layers":["cells"],"widgets":["no"]}}`:              "unknown-widget",
		`{"op":"sub","id":"q","view":{"layers":["cells"],"lang":"fr"}}`:                   "unknown-language",
		`{"op":"sub","id":"` + strings.Repeat("x", 65) + `","view":{"layers":["units"]}}`: "",
	} {
		b.say("%s", request)
		m := b.hear()
		if m.Op != "error" || m.Problem["status"] == nil {
			t.Errorf("%s: answered with %+v", request, m)
			continue
		}
		errs, _ := m.Problem["errors"].([]any)
		if code != "" && (len(errs) != 1 || errs[0].(map[string]any)["code"] != code) {
			t.Errorf("%s: errors %v, want code %s", request, errs, code)
		}
	}
}

func TestAClientThatFloodsIsDropped(t *testing.T) {
	w := newTown(t, Options{})
	b := w.browser()
	for range 2 * burst {
		if b.conn.WriteMessage(websocket.TextMessage, []byte(`{"op":"unsub","id":"x"}`)) != nil {
			break
		}
	}
	_ = b.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, _, err := b.conn.ReadMessage()
	var ce *websocket.CloseError
	if !errors.As(err, &ce) || ce.Code != websocket.ClosePolicyViolation {
		t.Errorf("the end is %v, want a policy violation", err)
	}
}

func TestStoppingTellsReadersAndWaitsForThem(t *testing.T) {
	w := newTown(t, Options{})
	b := w.browser()
	b.say(`{"op":"sub","id":"x","view":{"layers":["devices"]}}`)
	b.until("a frame", func() bool { return b.got == 1 })
	w.stop()
	_ = b.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	var err error
	for err == nil {
		_, _, err = b.conn.ReadMessage()
	}
	var ce *websocket.CloseError
	if !errors.As(err, &ce) || ce.Code != websocket.CloseGoingAway {
		t.Errorf("the end is %v, want 1001 going away", err)
	}
	<-w.done
	if n := w.hub.Stats().Clients; n != 0 {
		t.Errorf("%d clients are left", n)
	}
}

func TestViewsWithoutReadersLingerAndThenGo(t *testing.T) {
	w := newTown(t, Options{Linger: time.Hour, MaxIdle: 2})
	for i := range 4 {
		b := w.browser()
		b.say(`{"op":"sub","id":"x","view":{"layers":["devices"],"rate":%d}}`, i+1)
		b.until("a frame", func() bool { return b.got == 1 })
		b.conn.Close()
		eventually(t, "the client is gone", func() bool { return w.hub.Stats().Clients == 0 })
	}
	if n := w.hub.Stats().Views; n != 2 {
		t.Errorf("%d views linger, want the 2 that are allowed", n)
	}
	w.hub.sweep(0)
	if n := w.hub.Stats().Views; n != 0 {
		t.Errorf("%d views are left after their time", n)
	}
}

func TestRecentForgetsTheOldestFirstAndSaysSo(t *testing.T) {
	r := newRecent(3, 10)
	for i, id := range []string{"a", "b", "a", "c", "d"} {
		r.touch(thing{id: id}, uint64(11+i), false)
	}
	var ids []string
	for _, m := range r.since(r.floor) {
		ids = append(ids, fmt.Sprint(m.id, m.seq))
	}
	// b, at 12, had to go for d: only positions from 12 on are complete.
	if want := []string{"a13", "c14", "d15"}; !slices.Equal(ids, want) || r.floor != 12 {
		t.Errorf("since %d: %v, want %v", r.floor, ids, want)
	}
	if got := r.since(14); len(got) != 1 || got[0].id != "d" {
		t.Errorf("since 14: %v", got)
	}
}

func TestNoMoreThanSoManyDifferentViewsAreOpen(t *testing.T) {
	w := newTown(t, Options{MaxViews: 2})
	b := w.browser()
	for i := range 3 {
		b.say(`{"op":"sub","id":"%d","view":{"layers":["devices"],"rate":%d}}`, i, i+1)
	}
	var refused message
	for refused.Op != "error" {
		refused = b.hear()
	}
	if refused.ID != "2" || refused.Problem["status"] != 503.0 {
		t.Errorf("the third is answered with %+v", refused)
	}
	b.say(`{"op":"unsub","id":"0"}`)
	b.say(`{"op":"sub","id":"3","view":{"layers":["units"]}}`)
	for m := b.hear(); m.Op != "subscribed" || m.ID != "3"; m = b.hear() {
		if m.Op == "error" {
			t.Fatalf("an unread view keeps its place: %+v", m)
		}
	}
}

// counted draws a widget that says how often it was drawn.
type counted struct{ n atomic.Int64 }

func (*counted) Known(name string) bool { return name == "clock" }

func (c *counted) Draw(context.Context, string, string, cim.Scope) ([]byte, error) {
	return fmt.Appendf(nil, `{"value":%d}`, c.n.Add(1)), nil
}

func TestAWidgetIsDrawnOnceForAllAndAtMostOnceASecond(t *testing.T) {
	clock := &counted{}
	w := newTown(t, Options{Widgets: clock})
	began := time.Now()
	var all []*browser
	for i := range 10 {
		b := w.browser()
		// Views of different rates are different views of the same widget.
		b.say(`{"op":"sub","id":"x","view":{"widgets":["clock"],"rate":%d}}`, 1+i%3)
		all = append(all, b)
	}
	// Widgets ride on the next frame, and the clock strikes whether anybody
	// listens or not.
	strike := time.NewTicker(100 * time.Millisecond)
	defer strike.Stop()
	heard := make(chan struct{})
	var clockwork sync.WaitGroup
	clockwork.Go(func() {
		for {
			select {
			case <-heard:
				return
			case <-strike.C:
				w.put(cim.Tick{})
			}
		}
	})
	defer clockwork.Wait()
	defer close(heard)
	for _, b := range all {
		for drawn := 0.0; drawn < 3; {
			b.hear()
			if clock, ok := b.draw["clock"].(map[string]any); ok {
				drawn = clock["value"].(float64)
			}
		}
	}
	if n, most := clock.n.Load(), int64(time.Since(began)/redrawn)+2; n > most {
		t.Errorf("drawn %d times, at most %d were due", n, most)
	}
}
