package simulate

import (
	"fmt"
	"sync/atomic"
)

// Stats counts what a run did; it may be read at any time.
type Stats struct {
	// Observations and Positions that the server has taken.
	Observations, Positions atomic.Int64
	// Reported, Merged, Handled and Closed incidents.
	Reported, Merged, Handled, Closed atomic.Int64
	// Refused by the server, and Lost because the line was down.
	Refused, Lost atomic.Int64
}

// String is one line for people.
func (s *Stats) String() string {
	return fmt.Sprintf("observations %d, positions %d, incidents reported %d, merged %d, handled %d, closed %d; refused %d, lost %d",
		s.Observations.Load(), s.Positions.Load(), s.Reported.Load(), s.Merged.Load(), s.Handled.Load(), s.Closed.Load(), s.Refused.Load(), s.Lost.Load())
}
