// Package streams is the broker: an embedded NATS server (JetStream on disk,
// MQTT 3.1.1 listener) or a connection to an external one, by the same code
// path. It declares every stream, subject and consumer of the program in one
// place, and the envelope ([Event], CloudEvents 1.0) that every fact travels in.
//
// Facts of all kinds share one stream, CITY, because the city model is a fold
// of it and a fold needs one total order; the position of a reader is one
// number. What a device says over MQTT is first kept by the broker's own
// MQTT stream and moved to CITY by package ingest/mqtt; what could not be
// accepted is kept in DEAD until a person has mended it.
package streams
