package units_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/ingest"
	"onecity/ingest/ingesttest"
	"onecity/ingest/units"
	"onecity/streams"

	"github.com/gorilla/websocket"
)

type answer struct {
	Ack      uint64           `json:"ack"`
	Nack     uint64           `json:"nack"`
	Retry    bool             `json:"retry"`
	Problems []ingest.Problem `json:"problems"`
}

func serve(t *testing.T, gate *ingest.Gate) (*units.Handler, string) {
	t.Helper()
	h := units.New(gate, slog.New(slog.DiscardHandler))
	mux := http.NewServeMux()
	mux.Handle("GET /ws/units/{id}", h)
	s := httptest.NewServer(mux)
	t.Cleanup(func() { h.Close(); s.Close() })
	return h, "ws" + strings.TrimPrefix(s.URL, "http") + "/ws/units/"
}

func dial(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return ws
}

func ask(t *testing.T, ws *websocket.Conn, body string) (a answer) {
	t.Helper()
	if err := ws.WriteMessage(websocket.TextMessage, []byte(body)); err != nil {
		t.Fatal(err)
	}
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, got, err := ws.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAPositionIsAcknowledgedAndMovesTheUnit(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "car-1")
	_, url := serve(t, c.Gate)
	ws := dial(t, url+"car-1")
	for n := uint64(1); n <= 3; n++ {
		if a := ask(t, ws, `{"lon":121.01,"lat":31.41,"status":"moving"}`); a.Ack != n || len(a.Problems) > 0 {
			t.Fatalf("message %d: got %+v", n, a)
		}
	}
	c.Until(t, "the unit is there", func(r cim.Reader) bool {
		u, ok := r.Unit("car-1")
		return ok && u.Position.Lon == 121.01
	})
}

func TestAWrongPositionIsRefusedAndTheLineGoesOn(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "car-1", "car-2")
	_, url := serve(t, c.Gate)
	ws := dial(t, url+"car-1")
	for i, tc := range []struct{ body, code string }{
		{`nonsense`, ingest.CodeMalformed},
		{`{"lon":NaN,"lat":31.4}`, ingest.CodeNotFinite},
		{`{"lon":31.4,"lat":121}`, ingest.CodeSwapped},
		{`{"status":"moving"}`, ingest.CodeMissing},
		{`{"lon":121,"lat":31.4,"speed":900}`, ingest.CodeOutOfRange},
		{`{"lon":121,"lat":31.4,"status":"flying"}`, ingest.CodeUnknownCode},
		{`{"lon":121,"lat":31.4,"time":"2001-01-01T00:00:00Z"}`, ingest.CodeTooOld},
	} {
		a := ask(t, ws, tc.body)
		if a.Nack != uint64(i+1) || a.Retry || len(a.Problems) != 1 || a.Problems[0].Code != tc.code {
			t.Errorf("%s: got %+v", tc.body, a)
		}
	}
	if a := ask(t, ws, `{"unit":"car-2","lon":121,"lat":31.4}`); a.Ack != 8 {
		t.Errorf("got %+v", a)
	}
	c.Until(t, "car-1 has moved", func(r cim.Reader) bool { u, _ := r.Unit("car-1"); return u.Position.Lon == 121 })
	if u, _ := c.Read().Unit("car-2"); u.Position.Lon != 0 {
		t.Error("car-1 moved car-2")
	}
}

func TestAUnitThatIsNotRegisteredIsNotLetIn(t *testing.T) {
	c := ingesttest.Start(t)
	_, url := serve(t, c.Gate)
	_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), url+"ghost", nil)
	if err == nil || resp == nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("got %v, %v", resp, err)
	}
}

func TestAPageOfAnotherSiteIsNotLetIn(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "car-1")
	_, url := serve(t, c.Gate)
	_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), url+"car-1", http.Header{"Origin": {"http://elsewhere.example"}})
	if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %v, %v", resp, err)
	}
}

func TestATooLongMessageEndsTheLine(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "car-1")
	h, url := serve(t, c.Gate)
	ws := dial(t, url+"car-1")
	if err := ws.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("x", units.MaxMessage+1))); err != nil {
		t.Fatal(err)
	}
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("got %v", err)
	}
	ingesttest.Eventually(t, "the line is forgotten", func() bool { return h.Connected() == 0 })
}

func TestAStreamThatIsFullAsksTheUnitToSendAgain(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "car-1")
	_, url := serve(t, ingest.NewGate(c.Snapshot, full{}, c.Clock.Now))
	if a := ask(t, dial(t, url+"car-1"), `{"lon":121,"lat":31.4}`); a.Nack != 1 || !a.Retry || a.Problems[0].Code != ingest.CodeNotStored {
		t.Errorf("got %+v", a)
	}
}

// full is a stream on a full disk.
type full struct{}

func (full) Publish(context.Context, streams.Event, streams.Durability) error { return streams.ErrFull }

func TestAUnitThatMayNoLongerSpeakIsCutOffAndNobodyElse(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "car-1", "car-2")
	h, url := serve(t, c.Gate)
	ws, other := dial(t, url+"car-1"), dial(t, url+"car-2")
	for _, line := range []*websocket.Conn{ws, other} {
		if a := ask(t, line, `{"lon":121.01,"lat":31.41}`); a.Ack != 1 {
			t.Fatalf("got %+v", a)
		}
	}
	if n := h.Drop("car-1"); n != 1 {
		t.Errorf("%d lines were cut", n)
	}
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("the unit hears %v", err)
	}
	if a := ask(t, other, `{"lon":121.01,"lat":31.41}`); a.Ack != 2 {
		t.Errorf("another unit: %+v", a)
	}
}

func TestAUnitWhoseRightEndsWhileItConnectsIsNotServed(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "car-1")
	h := units.New(c.Gate, slog.New(slog.DiscardHandler))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws/units/{id}", func(w http.ResponseWriter, r *http.Request) {
		h.Serve(w, r, func() bool { return false })
	})
	s := httptest.NewServer(mux)
	t.Cleanup(func() { h.Close(); s.Close() })
	ws := dial(t, "ws"+strings.TrimPrefix(s.URL, "http")+"/ws/units/car-1")
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("the unit hears %v", err)
	}
}

func TestTheServersEndIsSaidAndWaitedFor(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "car-1")
	h, url := serve(t, c.Gate)
	var lines []*websocket.Conn
	for range 20 {
		ws := dial(t, url+"car-1")
		ask(t, ws, `{"lon":121,"lat":31.4}`)
		lines = append(lines, ws)
	}
	h.Close()
	if n := h.Connected(); n != 0 {
		t.Errorf("%d are still connected", n)
	}
	for _, ws := range lines {
		_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
			t.Errorf("got %v", err)
		}
	}
}
