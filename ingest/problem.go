package ingest

import "fmt"

// Problem says what is wrong with one field of one item, so that a person can
// mend it.
type Problem struct {
	// Item is the place in the batch, from 0; Row/Column of a table start at 1.
	Item int `json:"item"`
	// Field is a JSON pointer or a column name.
	Field string `json:"field"`
	// Value is what was sent, shortened.
	Value string `json:"value,omitempty"`
	// Code is stable, for programs: "unknown-device", "outside-city",
	// "swapped-lon-lat", "looks-like-gcj02", "future-time", "too-old",
	// "not-finite", "wrong-unit", "out-of-range", "missing", "malformed" …
	Code string `json:"code"`
	// Message is what was wrong and Expected what would be right.
	Message  string `json:"message"`
	Expected string `json:"expected,omitempty"`
}

func (p Problem) Error() string {
	s := fmt.Sprintf("item %d: %s: %s", p.Item, p.Field, p.Message)
	if p.Expected != "" {
		s += "; expected " + p.Expected
	}
	return s
}
