// Package servertest starts the server as it is, in the test's own process: a
// real broker with MQTT, the gate, the model, HTTP and WebSocket; without a
// database and front end. For tests of programs that speak with it from outside.
package servertest
