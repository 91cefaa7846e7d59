package alarm

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that a caller can do something about.
var (
	// ErrNotFound: there is no such rule, or it is not for the caller to see.
	ErrNotFound = errors.New("there is no such alarm rule")
	// ErrConflict: somebody else was faster; read again.
	ErrConflict = errors.New("the alarm rule was changed by somebody else in between")
	// ErrRefused: the rights do not reach the region.
	ErrRefused = errors.New("the rights do not reach this region")
	// ErrUntried: it may be switched on after a try, or with a reason.
	ErrUntried = errors.New("the alarm rule was never tried against history")
	// ErrTaken of a [Gate]: the report is there already.
	ErrTaken = errors.New("the report is there already")
	// ErrUnwanted of a [Gate]: the report will not be taken next time either.
	ErrUnwanted = errors.New("the report was refused")
)

// Fault says what is wrong with one field of a definition.
type Fault struct {
	Field   string `json:"field"`   // JSON pointer
	Message string `json:"message"` // Chinese / English
	// Line, from 1, and Column, from 0, say where in an expression.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

func (f Fault) Error() string {
	if f.Line > 0 {
		return fmt.Sprintf("%s:%d:%d: %s", f.Field, f.Line, f.Column, f.Message)
	}
	return f.Field + ": " + f.Message
}

// Faults are all that is wrong with a definition, as an error.
type Faults []Fault

func (fs Faults) Error() string {
	parts := make([]string, len(fs))
	for i, f := range fs {
		parts[i] = f.Error()
	}
	return strings.Join(parts, "; ")
}
