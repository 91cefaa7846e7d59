package units

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"

	"onecity/ingest"

	"github.com/gorilla/websocket"
)

// Handler takes units' connections.
type Handler struct {
	gate     *ingest.Gate
	log      *slog.Logger
	upgrader websocket.Upgrader

	mu    sync.Mutex
	open  map[*conn]struct{}
	ended bool
	done  sync.WaitGroup
}

// New makes the handler of /ws/units/{id}.
func New(gate *ingest.Gate, log *slog.Logger) *Handler {
	return &Handler{
		gate: gate, log: log, open: map[*conn]struct{}{},
		upgrader: websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{}},
	}
}

// ServeHTTP answers 404 for a unit that is not registered, before it upgrades.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.Serve(w, r, func() bool { return true })
}

// Serve is ServeHTTP for a caller whose right may end meanwhile: still is asked
// once more when Drop can find the line, so that none slips in between.
func (h *Handler) Serve(w http.ResponseWriter, r *http.Request, still func() bool) {
	id := r.PathValue("id")
	if !h.gate.KnowsUnit(id) {
		problem(w, http.StatusNotFound, "no such unit is registered 力量未登记: "+ingest.Shorten(id))
		return
	}
	ws, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	c := &conn{ws: ws, unit: id, gate: h.gate, ended: make(chan struct{})}
	if !h.enter(c) {
		c.goodbye(websocket.CloseGoingAway, "the server is stopping")
		ws.Close()
		return
	}
	defer h.leave(c)
	if !still() {
		c.end(websocket.ClosePolicyViolation, voided)
	}
	if err := c.serve(r.Context()); err != nil {
		h.log.Debug("a unit's line ended", "unit", id, "error", err)
	}
}

func (h *Handler) enter(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return false
	}
	h.open[c] = struct{}{}
	h.done.Add(1)
	return true
}

func (h *Handler) leave(c *conn) {
	h.mu.Lock()
	delete(h.open, c)
	h.mu.Unlock()
	h.done.Done()
}

// Connected is how many units are connected now.
func (h *Handler) Connected() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.open)
}

// voided is said to a unit whose credential has been revoked or renewed.
const voided = "the credential is no longer valid 凭证已失效"

// Drop ends the lines of one unit, whose right to speak is gone, and says how
// many there were. What was being stored is stored first. It does not wait.
func (h *Handler) Drop(id string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.open {
		if c.unit == id {
			c.end(websocket.ClosePolicyViolation, voided)
			n++
		}
	}
	return n
}

// Close ends every connection and waits until they have ended; what was being
// stored is stored first.
func (h *Handler) Close() {
	h.mu.Lock()
	h.ended = true
	for c := range h.open {
		c.stop()
	}
	h.mu.Unlock()
	h.done.Wait()
}

// problem answers with problem details (RFC 9457).
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	// An error here is the line's, which is the client's to notice.
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": detail})
}
