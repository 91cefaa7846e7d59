package ingest

import "time"

// What the Gate takes at most, and how far from its clock a time may be.
const (
	// MaxBatch is the most facts in one call; a longer batch is refused whole.
	MaxBatch = 10_000
	// MaxProblems is how many Problems an answer spells out; the others are
	// counted in Accepted.Rejected only.
	MaxProblems = 100
	// MaxID is the longest id, in bytes, of a device, unit, incident or batch.
	MaxID = 128
	// MaxName, MaxText and MaxPhotos bound what people write, in characters.
	MaxName   = 200
	MaxText   = 4000
	MaxPhotos = 9
	// MaxDatastreams is how many properties one device may observe.
	MaxDatastreams = 64

	// MaxAhead is how far ahead of the server a sender's clock may be, and
	// MaxAge how old a fact may be when it comes in.
	MaxAhead = 5 * time.Minute
	MaxAge   = 7 * 24 * time.Hour
	// MaxSpeed of a unit, m/s: 120 m/s is 432 km/h, a helicopter and a half.
	MaxSpeed = 120
)
