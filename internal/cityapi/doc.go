// Package cityapi is a client of the server's public HTTP interface
// (docs/protocol.md), as far as programs that feed a city need it: the
// simulator and the replay of recordings. It knows nothing of the server's
// inside.
package cityapi
