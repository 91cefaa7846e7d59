// Package live runs the city: it owns the one [cim.Model] of this process,
// folds the stream into it and publishes a new Snapshot to readers a few dozen
// times a second, each with the set of what changed since the one before.
package live
