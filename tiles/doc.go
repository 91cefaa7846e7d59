// Package tiles draws the city as Mapbox Vector Tiles 2.1: a Snapshot and a
// Scope in, bytes out, with a TileJSON 3.0 document and a MapLibre style that
// go with them. No other package knows what a tile looks like.
//
// A [Tile] is an address. [Layers] in layers.go is the one table that says
// which layer shows what from which zoom on. An encoder walks a [cim.Reader]
// and appends straight to bytes: world units → tile units → simplify → clip →
// commands, with every scratch slice taken from a pool, so that a tile costs
// a handful of allocations whatever it holds.
//
// [Server] is the http.Handler: it keeps encoded tiles in a bounded cache and
// asks [cim.Reader.Fresh] whether a kept tile is still true, so that a tile in
// which nothing happened is not encoded twice, and its ETag stays.
//
// Sources: Mapbox Vector Tile Specification 2.1 (CC BY 3.0 US); TileJSON
// 3.0.0; MapLibre Style Specification 8.
package tiles
