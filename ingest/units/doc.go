// Package units is the way in for units 力量 that hold a WebSocket open: a
// dispatch terminal in a vehicle, a phone of a grid worker 网格员.
//
// The unit connects to /ws/units/{id} and sends one position a text message,
//
//	{"time":"2026-01-31T08:00:00+08:00","lon":120.98,"lat":31.38,"speed":8.2,"heading":90,"status":"moving"}
//
// and gets one answer for each, in order, n counting its messages from 1:
//
//	{"ack":n}                       stored; the position is durable
//	{"nack":n,"problems":[…]}       refused, for these reasons; do not send it again as it is
//	{"nack":n,"retry":true}         the stream did not take it; send it again later
//
// # Mounting
//
//	h := units.New(gate, slog.Default())
//	mux.Handle("GET /ws/units/{id}", h)
//	defer h.Close()   // says goodbye to every unit and waits for them
package units
