package geo

import "errors"

// What can be wrong with a geometry; the errors of [CheckRings] and [Validate]
// wrap one of these and say where.
var (
	ErrNotFinite    = errors.New("coordinate is not a finite number")
	ErrOffGlobe     = errors.New("coordinate is not on the globe")
	ErrTooFewPoints = errors.New("too few points")
	ErrUnclosed     = errors.New("ring is not closed")
	ErrSelfCrossing = errors.New("ring crosses itself")
	ErrTooIntricate = errors.New("ring is too intricate to be checked")
	ErrEmpty        = errors.New("geometry is empty")
)
