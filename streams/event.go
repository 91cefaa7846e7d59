package streams

import "time"

// Event is one immutable fact in the envelope of CloudEvents 1.0. On the wire
// it is a NATS message in binary content mode: attributes as ce-* headers,
// Data as the body.
type Event struct {
	// ID is the sender's own id of the fact; Type + Source + ID name it for
	// good. Publishing the same again changes nothing.
	ID string
	// Source is a URI reference to the sender, such as "/mqtt/dev-17" or
	// "/feeds/air-quality".
	Source string
	// Type names the schema of Data, such as "onecity.observations.v1"; the
	// types are declared in package cim.
	Type string
	// Time is when the fact happened, by the sender's clock; zero if unsaid.
	Time time.Time
	// Data is the fact itself, JSON.
	Data []byte
	// Sole asks Publish to tell when the name is taken by a fact that says
	// something else (ErrTaken). It is not stored.
	Sole bool
}

// Received is an Event as the stream keeps it.
type Received struct {
	Event
	// Seq is the position in the stream, from 1, without gaps that matter.
	Seq uint64
	// At is when the broker stored it. It is the only clock the fold knows.
	At time.Time
}

// Durability is how safely a fact is stored before its sender is told yes.
type Durability uint8

const (
	// Written facts are in the operating system's hands: they survive kill -9
	// of this program, not a power cut within the sync interval.
	Written Durability = iota
	// Synced facts are on the disk (fdatasync): they survive a power cut.
	Synced
)
