package cim

import (
	"time"

	"onecity/geo"
)

// Snapshot is the city at one position of the stream. It is immutable and
// safe for concurrent use. Nothing can be read from it but through [Snapshot.In].
type Snapshot struct{ state }

// Seq is the position of the last event in it, and At that event's time.
func (s *Snapshot) Seq() uint64 { return s.seq }

// At is the model's time: the newest time of an event so far.
func (s *Snapshot) At() time.Time { return s.at }

// In is the city as a reader of that scope may see it.
func (s *Snapshot) In(scope Scope) Reader { return Reader{s: s, scope: scope} }

// Reader reads a Snapshot within a Scope. It is a small value; pass it on.
// Pointers it hands out are to immutable values: read, never write.
type Reader struct {
	s     *Snapshot
	scope Scope
}

// Scope is the reader's.
func (r Reader) Scope() Scope { return r.scope }

// Seq and At are the Snapshot's.
func (r Reader) Seq() uint64 { return r.s.Seq() }

// At is the model's time.
func (r Reader) At() time.Time { return r.s.At() }

// Profile says which city this is. Like the tree of regions it is public.
func (r Reader) Profile() Profile { return r.s.profile }

// Regions is the whole tree (it is public).
func (r Reader) Regions() *geo.Regions { return r.s.regions }

// Formula is the formula of the composite index; it is public too.
func (r Reader) Formula() Formula { return r.s.formula }

// Ignored counts what the fold could not use, by reason.
func (r Reader) Ignored() map[string]uint64 {
	m := make(map[string]uint64, len(r.s.ignored.list))
	for _, c := range r.s.ignored.list {
		m[c.reason] = c.n
	}
	return m
}

// seesAll reports whether every thing of a layer, none graded above top, is
// visible whatever its region.
func (r Reader) seesAll(l Layer, top Grade) bool { return r.scope.everywhere(l, top) }
