// Package web is the one door for browsers and programs: the HTTP API with its
// OpenAPI 3.1 document, the live socket (package hub), tiles, widgets, the
// embedded front end, and the pages by which the server itself is watched.
//
// [Server] holds no state of the city. It gets everything it needs in [Deps],
// reads the city through the one function [Server.scopeOf], and answers every
// failure with an RFC 9457 problem (package problem).
//
// A route is declared in one of the files api_*.go together with its
// documentation: huma describes those that answer JSON, [Server.raw] describes
// and mounts the others.
package web
