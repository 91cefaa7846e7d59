package cim

import "onecity/geo"

// Model is the city as its events have made it. It has one owner; it is not
// safe for concurrent use. Readers use a [Snapshot].
type Model struct{}

// NewModel is the empty city, before its first event.
func NewModel() *Model { return &Model{} }

// Changes is what one event changed.
type Changes struct {
	Seq uint64
	// Refs names what changed; a thing may be named more than once. It is
	// valid until the next Fold.
	Refs []Ref
}

// Ref names a thing that changed.
type Ref struct {
	Layer Layer
	ID    string   // "" on LayerCells
	Cell  geo.Cell // base-resolution cell: where it is; for LayerCells which it is
	Gone  bool
}

// Fold takes e in. An event at or before the model's position changes nothing.
// It never fails: what makes no sense (an unknown device, an older version)
// changes nothing and is counted in [Reader.Ignored].
func (m *Model) Fold(e Event) Changes { panic("cim: under construction") }

// Snapshot is the city now, for any number of readers, for ever. Cost: O(1)
// here, and a copy of each touched node at the next change.
func (m *Model) Snapshot() *Snapshot { panic("cim: under construction") }
