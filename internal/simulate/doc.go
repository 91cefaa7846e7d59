// Package simulate plays the life of a city from outside: devices that observe,
// units 力量 that drive along the streets, people who report and people who
// handle. It speaks only through the public ways in (docs/protocol.md): HTTP,
// MQTT, the units' WebSocket and Open311, as the real ones would, and marks
// everything as simulated (模拟).
//
// It is seeded. Everything that happens is computed on a timeline of equal
// steps from the seed, the map and the server's answers; the clock only says
// when a step is due. So the same seed against the same city sends the same
// messages in the same order.
//
// Inside: [Run] joins the map as the server tells it (city.go, graph.go), what
// the sensors feel (field.go, episode.go), who moves (unit.go), what goes wrong
// (incident.go), and the lines to the server (package cityapi, lines.go).
package simulate
