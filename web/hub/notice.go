package hub

import (
	"onecity/cim"
	"onecity/geo"
)

// Kinds of notices: what was announced outside the model. A reader then asks
// the API for it; the notice itself says nothing that a scope would have to be
// kept from.
const (
	// NoticeWarning: a warning was issued, updated, cancelled or is over; ask
	// GET /api/v1/warnings/current.
	NoticeWarning = "warning"
)

// noticeKinds are all, each a bit of client.noticed.
var noticeKinds = [...]string{NoticeWarning}

// Announce says to every reader whose scope meets one of the regions that
// something of that kind was announced; without regions, to everybody. Several
// notices of a kind that a reader did not take yet are one. It does not wait.
func (h *Hub) Announce(kind string, regions []geo.Code) {
	bit := uint32(0)
	for i, k := range noticeKinds {
		if k == kind {
			bit = 1 << i
		}
	}
	if bit == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		if meets(c.scope, regions) {
			c.noticed.Or(bit)
			c.poke()
		}
	}
}

func meets(s cim.Scope, regions []geo.Code) bool {
	for _, r := range regions {
		if _, ok := s.Within(r); ok {
			return true
		}
	}
	return len(regions) == 0
}

// sendNotices sends what was announced since the last time.
func (c *client) sendNotices() error {
	bits := c.noticed.Swap(0)
	for i, kind := range noticeKinds {
		if bits&(1<<i) == 0 {
			continue
		}
		t := append(text(nil), '{')
		t = t.key("op").str("notice")
		t = t.key("kind").str(kind)
		if err := c.text(append(t, '}')); err != nil {
			return err
		}
	}
	return nil
}
