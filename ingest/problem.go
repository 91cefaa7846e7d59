package ingest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Problem says what is wrong with one field of one item, so that a person can
// mend it.
type Problem struct {
	// Item is the place in the batch, from 0; Row/Column of a table start at 1.
	Item int `json:"item"`
	// Field is a JSON pointer or a column name.
	Field string `json:"field"`
	// Cell is where it stands in a table, as spreadsheets name it: "C12".
	Cell string `json:"cell,omitempty"`
	// Value is what was sent, shortened.
	Value string `json:"value,omitempty"`
	// Code is stable, for programs: one of the Code constants.
	Code string `json:"code"`
	// Message is what was wrong, in Chinese and English, and Expected what
	// would be right.
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

// Problems is every Problem of one thing, as an error.
type Problems []Problem

func (ps Problems) Error() string {
	parts := make([]string, len(ps))
	for i, p := range ps {
		parts[i] = p.Error()
	}
	return strings.Join(parts, "; ")
}

// The codes of problems, stable for programs.
const (
	CodeMissing         = "missing"          // a required field is empty
	CodeMalformed       = "malformed"        // not readable as what it should be
	CodeTooLong         = "too-long"         // a text or id over its limit
	CodeTooMany         = "too-many"         // a batch or list over its limit
	CodeTooLarge        = "too-large"        // a body or file over its limit
	CodeUnknownDevice   = "unknown-device"   // no such device is registered
	CodeUnknownUnit     = "unknown-unit"     // no such unit is registered
	CodeUnknownProperty = "unknown-property" // the register has no such property
	CodeNotADatastream  = "not-a-datastream" // the device does not observe it
	CodeUnknownClass    = "unknown-class"    // no such incident class
	CodeUnknownCode     = "unknown-code"     // not in the code table
	CodeWrongUnit       = "wrong-unit"       // a unit that cannot be converted
	CodeNotFinite       = "not-finite"       // NaN or ±Inf
	CodeOutOfRange      = "out-of-range"     // beyond what can be
	CodeFutureTime      = "future-time"      // ahead of the server's clock
	CodeTooOld          = "too-old"          // older than MaxAge
	CodeOutsideCity     = "outside-city"     // the place is not in the city
	CodeSwapped         = "swapped-lon-lat"  // in the city with lon and lat exchanged
	CodeGCJ02           = "looks-like-gcj02" // off by exactly the GCJ-02 offset
	CodeTransition      = "wrong-transition" // a status that cannot follow
	CodeDuplicate       = "duplicate"        // the same key twice in one batch
	CodeSelfCrossing    = "self-crossing"    // a ring that crosses itself
	CodeNotAnImage      = "not-an-image"     // a photo that cannot be decoded
	CodeConflict        = "conflict"         // made of another version
	CodeNotAllowed      = "not-allowed"      // the sender's rights do not reach it
	CodeNotStored       = "not-stored"       // the stream did not take it
)

// maxValue is how much of a wrong value a Problem repeats, in bytes.
const maxValue = 64

// Shorten cuts s to what a Problem repeats of a wrong value, at a rune's edge.
func Shorten(s string) string {
	if len(s) <= maxValue && utf8.ValidString(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "�")
	if len(s) <= maxValue {
		return s
	}
	cut := maxValue
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// findings collects what is wrong with a batch: the first max spelled out,
// the others only counted, so that a batch of rubbish costs no memory.
type findings struct {
	problems []Problem
	rejected int // items, not problems
	max      int // how many are spelled out
}

// add takes the one problem for which item is refused.
func (f *findings) add(item int, p *Problem) {
	f.rejected++
	if len(f.problems) < f.max {
		p.Item = item
		f.problems = append(f.problems, *p)
	}
}

// Merge adds the answer of a further batch whose items start at from.
func (a *Accepted) Merge(b Accepted, from int) {
	a.Accepted += b.Accepted
	a.Rejected += b.Rejected
	for _, p := range b.Problems {
		if len(a.Problems) >= MaxProblems {
			return
		}
		p.Item += from
		a.Problems = append(a.Problems, p)
	}
}
