package cim

// Window is one of the four sliding windows of a cell.
type Window uint8

// The windows. A window's edge moves in steps of its slot: 10 s, 1 min, 5 min
// and 1 h.
const (
	Minute      Window = iota // 1 min
	Quarter                   // 15 min
	Hour                      // 1 h
	Day                       // 24 h
	WindowCount int    = iota
)

// Aggregate sums up one property of one cell over one window.
type Aggregate struct {
	Count uint64
	Sum   float64
	Max   float64
	Last  float64
}

// Mean is NaN-free: 0 when nothing was counted.
func (a Aggregate) Mean() float64 {
	if a.Count == 0 {
		return 0
	}
	return a.Sum / float64(a.Count)
}
