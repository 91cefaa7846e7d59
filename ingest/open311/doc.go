// Package open311 is the way in for incidents 案件: Open311 GeoReport v2
// (https://wiki.open311.org/GeoReport_v2/), as XML and JSON, with photos.
//
//	GET  /open311/v2/discovery.{json,xml}
//	GET  /open311/v2/services.{json,xml}               the incident classes
//	GET  /open311/v2/services/{service_code}.{json,xml}
//	POST /open311/v2/requests.{json,xml}               report an incident
//	GET  /open311/v2/requests.{json,xml}               search
//	GET  /open311/v2/requests/{id}.{json,xml}          one
//
// A report is a form, urlencoded or multipart; photos are the parts called
// "media" (the standard leaves uploading open; this is what its known servers
// do). It is answered when the incident is on the disk. A report that is sent
// again with the same Idempotency-Key header, or client_id field, is the same
// incident.
//
// Beside the standard's fields a report may have title; channel ("citizen",
// "grid", "sensor", "department"); attribute[severity] (1–4); client_id; and
// simulated=true, which every screen then shows (模拟数据).
//
// Text is Chinese, or English with ?locale=en. Coordinates are lat, long in
// CGCS2000, at our accuracy the standard's WGS 84. Status is the standard's
// open or closed; status_notes says where in the seven steps of GB/T 30428 an
// incident stands.
//
// # Mounting
//
//	mux.Handle("/open311/v2/", open311.New(open311.Options{Gate: gate, Media: broker, Base: "/open311/v2"}))
//
// It answers with the errors of the standard and not with problem details.
// What was uploaded is served by package web under /media/{name}.
package open311
