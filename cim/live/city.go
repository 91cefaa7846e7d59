package live

import "onecity/cim"

// Step is one published Snapshot and what changed since the one before it.
type Step struct {
	Snapshot *cim.Snapshot
	From     uint64    // Seq of the snapshot before
	Changed  []cim.Ref // each thing once; do not write
}

// City holds the running model.
type City struct{}

// Snapshot is the newest one; it never blocks.
func (c *City) Snapshot() *cim.Snapshot { panic("live: under construction") }

// Watch calls fn with every Step, in order, in the model's goroutine: fn must
// return at once. stop ends it.
func (c *City) Watch(fn func(Step)) (stop func()) { panic("live: under construction") }

// Epoch names the stream that positions belong to: a position of another
// epoch means nothing.
func (c *City) Epoch() string { panic("live: under construction") }
