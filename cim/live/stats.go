package live

import (
	"sync/atomic"
	"time"
)

// Stats are the City's own figures, for metrics.
type Stats struct {
	Events     uint64 // folded since the start of this process
	Snapshots  uint64 // published
	Unreadable uint64 // events that could not be decoded
	Position   uint64 // of the newest folded event
	At         time.Time
}

type stats struct {
	events, snapshots, unreadable, position atomic.Uint64
	at                                      atomic.Int64
}

// Stats reads them.
func (c *City) Stats() Stats {
	return Stats{
		Events:     c.stats.events.Load(),
		Snapshots:  c.stats.snapshots.Load(),
		Unreadable: c.stats.unreadable.Load(),
		Position:   c.stats.position.Load(),
		At:         time.Unix(0, c.stats.at.Load()),
	}
}
