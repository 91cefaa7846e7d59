// Package history is the record in PostgreSQL: everything that was observed,
// where units were, what became of incidents, and how the cells stood, minute
// by minute; and what the model needs to be there again after a restart.
//
// [Store] is the database; [Recorder] reads the stream from its own position
// and writes. The position is committed together with the rows that came of
// it, so a fact is recorded exactly once, whatever stops in between, and
// facts that are accepted while PostgreSQL is away are recorded when it is
// back: the recorder simply does not read on meanwhile.
//
// [Store.Load] makes the model anew: the objects from their table, all else (what
// stands and what lives) from the last checkpoint, which a [Recorder] writes
// before the first event of a stream, at minutes of the model's time, after a
// bulk of standing things and at a graceful stop. It is the model that was
// never stopped.
//
// Every read takes a [cim.Scope], like those of the model.
package history
