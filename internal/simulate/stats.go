package simulate

import "sync/atomic"

// Stats counts what a run did; it may be read at any time.
type Stats struct {
	// Observations and Positions that the server has taken.
	Observations, Positions atomic.Int64
	// Reported and Closed incidents.
	Reported, Closed atomic.Int64
	// Refused by the server, and Lost because the line was down.
	Refused, Lost atomic.Int64
}
