package cim

// Window is one of the four sliding windows of a cell.
type Window uint8

// The windows. A window's edge moves in steps of its slot: 10 s, 1 min, 5 min
// and 1 h. Cells take their steps at different seconds, each always at its own,
// so that work and pushed frames are spread over time.
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

var windowNames = [WindowCount]string{"1m", "15m", "1h", "24h"}

// String is the window's name in formulas and figures: "1m", "15m", "1h", "24h".
func (w Window) String() string {
	if int(w) < WindowCount {
		return windowNames[w]
	}
	return "unknown"
}

// slotMillis is how long a slot of each window is, slotCount how many make a
// window, the current one, still filling, included.
var (
	slotMillis = [WindowCount]int64{10_000, 60_000, 300_000, 3_600_000}
	slotCount  = [WindowCount]int64{6, 15, 12, 24}
)

// stepMillis is the shortest slot: every phase's cells are looked at that often.
const stepMillis = 10_000

// phases is how many groups cells are in; group p steps p seconds early.
const phases = 10
