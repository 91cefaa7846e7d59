// Package ingest is where facts come in. Each way in is a sub-package; all of
// them end at the one [Gate], which checks every fact against the city as it
// stands (places, times, units, known devices) and hands the good ones to the
// stream. A refused fact is answered with [Problem]s that say which field, what
// was wrong and what would be right.
//
//	mqtt       device messages: Run moves them, Resend takes a mended one
//	open311    incidents and photos: an http.Handler
//	units      positions over WebSocket: an http.Handler
//	feeds      departments' tables under a contract: Service
//	citymodel  what stands in the city: GeoJSON, OpenStreetMap, CityJSON …
//
// Package web puts its own HTTP API straight on the Gate: Readings, Positions,
// Devices, Units, Standing, Incident, Told.
//
// What the Gate promises: an answer of Accepted is durable; the same batch
// again changes nothing; what it refuses costs bounded memory; a device or
// unit may send at once after it was registered, an incident be read at once
// after it was reported, though the model is a few milliseconds behind.
package ingest
