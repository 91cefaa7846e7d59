package hub

import "sync/atomic"

// counters count since the hub was made.
type counters struct {
	connected, refused     atomic.Uint64
	encoded, sent, bytes   atomic.Uint64
	resets, resumed, slow  atomic.Uint64
	requests, badlyBehaved atomic.Uint64
}

// Stats is what a Hub has done and holds.
type Stats struct {
	Clients, Views int
	Connected      uint64 // sockets opened
	Refused        uint64 // sockets refused, for lack of room
	Encoded        uint64 // frames encoded
	Sent, Bytes    uint64 // frames sent, and their bytes before compression
	Resets         uint64 // of Sent, frames with everything
	Resumed        uint64 // subscriptions that went on from where they were
	Slow           uint64 // clients dropped because they took nothing
	Requests       uint64 // messages from clients
	BadlyBehaved   uint64 // clients dropped for flooding or breaking the protocol
}

// Stats are the Hub's figures now.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	s := Stats{Clients: len(h.clients), Views: len(h.views)}
	h.mu.Unlock()
	c := &h.count
	s.Connected, s.Refused, s.Encoded = c.connected.Load(), c.refused.Load(), c.encoded.Load()
	s.Sent, s.Bytes, s.Resets = c.sent.Load(), c.bytes.Load(), c.resets.Load()
	s.Resumed, s.Slow, s.Requests = c.resumed.Load(), c.slow.Load(), c.requests.Load()
	s.BadlyBehaved = c.badlyBehaved.Load()
	return s
}
