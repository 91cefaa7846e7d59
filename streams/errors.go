package streams

import "errors"

// What can go wrong, for errors.Is.
var (
	// ErrFull: the disk or the stream is full; nothing was stored.
	ErrFull = errors.New("the stream is full")
	// ErrTooLarge: the event's data is over MaxEventBytes.
	ErrTooLarge = errors.New("the event is too large")
	// ErrGone: the asked-for thing is not there (any more).
	ErrGone = errors.New("not there")
)
