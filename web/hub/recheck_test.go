package hub

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"onecity/cim"

	"github.com/gorilla/websocket"
)

func TestASocketEndsWhenItsReadersRightsChangeOrEnd(t *testing.T) {
	for _, c := range []struct {
		name  string
		after cim.Scope
		ok    bool
		code  int
	}{
		{"less is seen", cim.Scope{Region: "320583100", Layers: cim.AllLayers}, true, CloseRescoped},
		{"the session is over", cim.Whole(), false, CloseSignedOut},
		{"nothing has changed", cim.Whole(), true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var over atomic.Bool
			w := newTown(t, Options{Again: func(*http.Request) func() (cim.Scope, bool) {
				return func() (cim.Scope, bool) {
					if over.Load() {
						return c.after, c.ok
					}
					return cim.Whole(), true
				}
			}})
			b := w.browser()
			w.hub.Recheck()
			over.Store(true)
			w.hub.Recheck()
			if c.code == 0 {
				b.say(`{"op":"sub","id":"x","view":{"layers":["devices"]}}`)
			}
			_ = b.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			_, _, err := b.conn.ReadMessage()
			if c.code == 0 && err != nil || c.code != 0 && !websocket.IsCloseError(err, c.code) {
				t.Errorf("want %d: %v", c.code, err)
			}
		})
	}
}
