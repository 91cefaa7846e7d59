// Package replay plays recordings into a running city through its public HTTP
// interface, as fast as they happened or faster, once or over and over.
//
// A recording is a CSV file with a header row, or NDJSON (one JSON object a
// line); rows may come in any order. A small JSON file, the [Mapping], says what
// its columns mean: observations of devices, positions of units, or reports of
// incidents. Without one the rows are read as the server's own interface writes
// them (see [Native]).
//
// Times are moved so that the recording begins now; distances between them are
// divided by the speed. What is replayed is marked as simulated (模拟), for it does
// not happen now.
//
// [Load] reads a file into a [Recording]; [Play] sends it.
package replay
