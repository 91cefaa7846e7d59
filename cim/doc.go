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
// Every read passes through a [Scope]: [Snapshot.In] is the only door. Who
// holds several subtrees has [Grants] in theirs.
//
// What is graded above its reader, the reader sees per cell only, and never
// fewer than k of it, k being data ([Privacy]). How far a reader sees into a
// cell is the grade up to which the scope sees [LayerCells] there. Things graded
// higher are told of in groups of one grade and kind (units; devices; open
// incidents of a class; late ones; devices in alarm; devices that observe a
// property): a base cell tells of those that are k or more by themselves, the
// cell around it of those that are left over below and k or more together, and
// so on up. A group is told where the scope sees the same in all of its cell,
// and in the regions of all graded things in it; elsewhere only what may be
// seen in detail is counted. Groups do not overlap and do not depend on who
// asks, so no two answers differ by less than k hidden things: not those of two
// resolutions, of two regions, or of two readers. A coarse cell may tell of more
// than its parts do. (Things that come and go are seen to, as everywhere.)
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
