package hub

// Close codes of sockets whose reader's rights have changed (RFC 6455, section
// 7.4.2, leaves 4000–4999 to applications).
const (
	CloseSignedOut = 4401 // sign in again
	CloseRescoped  = 4403 // come back: what may be seen has changed
)

var farewells = map[int]string{
	CloseSignedOut: "the session has ended",
	CloseRescoped:  "the rights have changed",
}

// Recheck asks of every reader what they may see now, and ends the sockets of
// those who may no longer be here or may see something else. It is called
// after every change of rights and every end of a session.
func (h *Hub) Recheck() {
	h.mu.Lock()
	clients := make([]*client, 0, len(h.clients))
	for c := range h.clients {
		clients = append(clients, c)
	}
	h.mu.Unlock()
	for _, c := range clients {
		c.recheck()
	}
}

func (c *client) recheck() {
	if c.again == nil {
		return
	}
	scope, ok := c.again()
	switch {
	case !ok:
		c.leave(CloseSignedOut)
	case scope.Key() != c.scope.Key():
		c.leave(CloseRescoped)
	}
}

// leave has the writer end the socket with that code.
func (c *client) leave(code int) {
	c.leaving.Store(int32(code))
	c.poke()
}
