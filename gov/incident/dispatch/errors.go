package dispatch

import (
	"errors"
	"fmt"
)

// Errors that a caller can do something about.
var (
	// ErrConflict: somebody else was faster; read again.
	ErrConflict = errors.New("it was changed by somebody else in between")
	ErrRefused  = errors.New("the rights do not reach this")
)

// FieldError says what is wrong with one field, and what would be right.
type FieldError struct {
	Field   string // JSON pointer, "/turns/2/unit"
	Value   string
	Code    string
	Message string // Chinese / English
	Want    string
}

func (e *FieldError) Error() string {
	if e.Want == "" {
		return fmt.Sprintf("%s: %s", e.Field, e.Message)
	}
	return fmt.Sprintf("%s: %s (%s)", e.Field, e.Message, e.Want)
}
