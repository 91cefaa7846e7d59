package exchange

import (
	"errors"
	"fmt"
)

// What can be wrong; errors.Is tells them apart.
var (
	// ErrNotFound: no such partner or delivery, or not for the caller to see.
	ErrNotFound = errors.New("no such partner or delivery")
	// ErrConflict: somebody else changed the partner meanwhile.
	ErrConflict = errors.New("the partner has changed meanwhile")
	// ErrRefused: the caller has no right to it; that is in the log.
	ErrRefused = errors.New("not allowed")
	// ErrSignature: what came in is not signed by the partner, or not now.
	ErrSignature = errors.New("the signature does not hold")
)

// FieldError is one field that cannot be taken.
type FieldError struct {
	Field   string // "url"
	Code    string // "malformed"
	Message string // Chinese / English
}

func (e *FieldError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Message) }
