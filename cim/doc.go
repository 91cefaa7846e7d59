// Package cim is the city model: what stands where, what every device says,
// what is going wrong and who is on the way.
//
// [Model.Fold] takes one [Event] in and answers with the [Changes] it made.
// The model is nothing but the fold of its events: no clock, no random number
// and no database is read inside, so any two folds of the same events are
// equal, and [Snapshot.Hash] proves it. One goroutine owns a Model; everybody
// else reads immutable [Snapshot] values, which cost little to take because
// they share structure with the model (copy on write).
//
// Every read passes through a [Scope]: [Snapshot.In] is the only door.
//
// Nouns: [Object], [Device] with [Datastream]s, [Observation], [Unit],
// [Incident], [Cell]; [Layer] is a kind of thing as a reader sees it.
package cim
