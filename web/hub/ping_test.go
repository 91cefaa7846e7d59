package hub

import (
	"sync/atomic"
	"testing"
	"time"

	"onecity/cim"

	"github.com/gorilla/websocket"
)

// Both clients subscribe and then say nothing of themselves. The one that
// answers pings came first, so it would be gone first if answers did not count.
func TestAClientThatAnswersPingsStaysAndOneThatDoesNotIsClosed(t *testing.T) {
	w := newTown(t, Options{Ping: 800 * time.Millisecond})
	w.put(cim.DevicesPut{Devices: []cim.Device{w.device("a", 120.95, 31.39)}})
	lively, mute := w.browser(), w.browser()
	var answered, ignored atomic.Int64
	answer := lively.conn.PingHandler()
	lively.conn.SetPingHandler(func(data string) error { answered.Add(1); return answer(data) })
	mute.conn.SetPingHandler(func(string) error { ignored.Add(1); return nil })
	for _, b := range []*browser{lively, mute} {
		b.say(`{"op":"sub","id":"x","view":{"layers":["devices"],"rate":40}}`)
		b.until("everything", func() bool { return b.got == 1 })
	}

	if err := lively.conn.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	// The reading of lively's socket never stops, as in a browser.
	got := make(chan []byte, 100)
	lost := make(chan error, 1)
	go func() {
		for {
			_, body, err := lively.conn.ReadMessage()
			if err != nil {
				lost <- err
				return
			}
			got <- body
		}
	}()
	if err := mute.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := mute.conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseAbnormalClosure) {
		t.Errorf("the mute client's socket ended with %v, want it closed by the server", err)
	}
	if ignored.Load() == 0 {
		t.Error("the mute client was never pinged")
	}
	eventually(t, "the mute client is let go of", func() bool { return w.hub.Stats().Clients == 1 })

	before := answered.Load()
	if before == 0 {
		t.Error("the lively client was never pinged")
	}
	eventually(t, "the lively client is pinged again", func() bool { return answered.Load() > before })
	w.put(w.reading("a", 17.5))
	for lively.value("a") != 17.5 {
		select {
		case body := <-got:
			lively.take(body)
		case err := <-lost:
			t.Fatalf("the client that answers was dropped: %v", err)
		}
	}
}

func TestAPingOfAClientIsAnswered(t *testing.T) {
	w := newTown(t, Options{})
	b := w.browser()
	pong := make(chan string, 1)
	b.conn.SetPongHandler(func(data string) error { pong <- data; return nil })
	if err := b.conn.WriteControl(websocket.PingMessage, []byte("still there?"), time.Now().Add(20*time.Second)); err != nil {
		t.Fatal(err)
	}
	b.say(`{"op":"sub","id":"x","view":{"layers":["devices"]}}`)
	b.hear() // what comes first is read on the way to the answer
	select {
	case data := <-pong:
		if data != "still there?" {
			t.Errorf("the answer says %q", data)
		}
	default:
		t.Error("the ping was not answered before what was asked after it")
	}
}
