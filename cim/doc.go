// Package cim is the city model: what stands where, what every device says,
// what is going wrong and who is on the way.
//
// [Model.Fold] takes one [Event] in and answers with the [Changes] it made.
// The model is nothing but the fold of its events: no clock, no random number
// and no database is read inside, so any two folds of the same events are
// equal, and [Snapshot.Hash] proves it. Its time is the newest time of an
// event. One goroutine owns a Model; everybody else reads immutable [Snapshot]
// values, which cost little to take because they share structure with the
// model (copy on write).
//
// Every read passes through a [Scope]: [Snapshot.In] is the only door.
//
// Nouns: [Object], [Device] with [Datastream]s, [Observation], [Unit],
// [Incident], [CellState]; [Layer] is a kind of thing as a reader sees it. The
// registers say what may be observed ([Properties]) and reported ([Classes]).
//
// A fact that comes twice changes nothing: an observation is named by its
// device, property and time, a position by its unit and time, an incident by
// its version; what stands is put whole, by ID. A model that was lost is made
// again by [Restore] from the standing facts and a [Snapshot.Checkpoint].
//
// Inside: things are nodes in tables by slot number, found by B-trees of IDs,
// by B-trees of places (points) and R-trees (shapes), sorted into levels of
// importance so that a reader with a budget sees the main ones. A node is
// written in place until the next snapshot and copied after it. The grid of
// H3 cells dates every change, sums up what happens in it and rolls the sums
// up to coarser cells when a reader asks.
package cim
