package duty

import (
	"errors"
	"time"
)

const (
	// MaxSkew is how far a phone's clock may be off and its times still count as
	// they are; beyond it they are put right and marked.
	MaxSkew = 30 * time.Second
	// MaxShift is when a shift that nobody ends is over.
	MaxShift = 16 * time.Hour
	// MaxLate is how old a shift or a position may be when it is brought in.
	MaxLate = 7 * 24 * time.Hour
	// KeepTrack is how long positions are kept.
	KeepTrack = 90 * 24 * time.Hour
	// grace is how far outside of a shift a position still counts as of it.
	grace = 2 * time.Minute
)

var (
	// ErrTooLate: what is told happened more than MaxLate ago.
	ErrTooLate = errors.New("it was too long ago")
	// ErrTaken: the unit is somebody else's now.
	ErrTaken = errors.New("somebody else is on duty with this unit")
)

// Unit 力量 is what somebody is on duty with.
type Unit struct {
	ID   string
	Name string
	Kind string // "grid", "enforcement" …
	Home string // code of the region that it belongs to; "" is the whole city
	// Own says that the unit is the person themself: it is registered when the
	// shift begins.
	Own bool
}

// Shift 班次 is a time on duty.
type Shift struct {
	Subject string     `json:"subject"`
	Unit    string     `json:"unit"`
	Name    string     `json:"unitName"`
	Kind    string     `json:"kind"`
	Home    string     `json:"home,omitempty"`
	Began   time.Time  `json:"since"`
	Ended   *time.Time `json:"until,omitempty"`
	// Doubtful: the clock that told the times was wrong, they were put right.
	Doubtful bool `json:"doubtful,omitempty"`
}

// Told is where a phone says it was, by its clock.
type Told struct {
	Time     time.Time
	Lon, Lat float64 // CGCS2000, degrees
	Speed    float64 // m/s
	Heading  float64 // degrees clockwise from north
	Accuracy float64 // metres
}

// Fix is where somebody was, by the server's clock.
type Fix struct {
	Told
	Unit     string
	Doubtful bool
}

// Taken is what became of positions that were told.
type Taken struct {
	// Fixes are those within a shift, also the ones that were here before, in the
	// order of time.
	Fixes []Fix
	// New is how many of them were not here before, Dropped how many lay outside
	// of any shift or too far back.
	New, Dropped int
	// Skew is the phone's clock minus ours.
	Skew time.Duration
}
