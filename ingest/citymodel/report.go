package citymodel

import (
	"fmt"

	"onecity/cim"
)

// maxListed is how many rejected features a Report lists; the rest are counted.
const maxListed = 1000

// Report says what an import did.
type Report struct {
	Path   string `json:"path"`
	Format Format `json:"format"`
	// CRS is the coordinate reference system the file was read in.
	CRS      string `json:"crs"`
	Features int    `json:"features"`
	// Objects counts what was emitted, by layer.
	Objects map[cim.Layer]int `json:"objects"`
	Regions int               `json:"regions"`
	// Skipped counts features that nobody asked for, by reason.
	Skipped map[string]int `json:"skipped,omitempty"`
	// Rejected lists the first thousand features that were wanted but wrong;
	// RejectedTotal counts all of them and Reasons counts them by code.
	Rejected      []Rejected     `json:"rejected,omitempty"`
	RejectedTotal int            `json:"rejectedTotal"`
	Reasons       map[string]int `json:"reasons,omitempty"`
	// Notes say what a person should know (simplified shapes, made codes).
	Notes []string `json:"notes,omitempty"`
}

// Total is how many objects were emitted.
func (r *Report) Total() (n int) {
	for _, c := range r.Objects {
		n += c
	}
	return n
}

// Rejected is one feature that was wanted but wrong.
type Rejected struct {
	// Feature is its id, Place where it stands in the file.
	Feature string `json:"feature,omitempty"`
	Place   string `json:"place"`
	Reason
}

// Reason says what is wrong with a feature, for programs (Code) and for people.
type Reason struct {
	// Code is one of "malformed", "no-geometry", "wrong-geometry",
	// "invalid-geometry", "incomplete", "swapped-lon-lat", "duplicate-id",
	// "too-large", "no-code".
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *Reason) Error() string { return r.Code + ": " + r.Message }

func because(code, format string, args ...any) *Reason {
	return &Reason{Code: code, Message: fmt.Sprintf(format, args...)}
}

func (r *Report) reject(id, place string, why *Reason) {
	r.RejectedTotal++
	r.Reasons[why.Code]++
	if len(r.Rejected) < maxListed {
		r.Rejected = append(r.Rejected, Rejected{Feature: id, Place: place, Reason: *why})
	}
}

// State is how far an import is.
type State struct {
	// Read and Total are bytes of the file (rows, for a GeoPackage).
	Read, Total int64
	Features    int
	Emitted     int
	Skipped     int
	Rejected    int
	// Done is set once, at the end.
	Done bool
}

// Progress is told how far an import is, at most once per 256 features and
// once per batch; nil means nobody watches. It is called in Import's goroutine.
type Progress func(State)
