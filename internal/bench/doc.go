// Package bench measures OneCity against the figures it has to reach and keeps
// the table in docs/performance.md. `make bench` runs it (internal/bench/cmd).
//
// There are three kinds of [Measure]: Go benchmarks of single packages, run by
// `go test -bench` and read from its output; measures against the real program,
// bin/onecity started on an empty data directory and spoken to over MQTT, HTTP and
// WebSocket from this process, which shares the machine with it; and peers,
// other ways to do the same work, in the same run on the same data.
//
// A measure answers with [Figure]s. One that was not reached stays in the
// table, with what holds it back.
package bench
