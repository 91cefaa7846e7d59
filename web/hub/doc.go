// Package hub pushes the city to whoever looks at it, over WebSocket.
//
// A reader asks for a View: layers, a scope, a place, a resolution, widgets.
// Equal requests share one [view], which ticks at its own rate: it takes the
// steps of the model since its last tick, keeps those things that its readers
// may see, and remembers for each thing only the position at which it last
// changed ([recent]). A reader is nothing but a position. What it gets is the
// newest state of everything that changed since that position, so a slow
// reader gets a later, merged frame, never an old one, and never a queue. A
// frame from one position to the newest is encoded once for all readers who
// stand at that position. Resuming after a broken line is the same act: the
// reader brings its position along.
//
// Nouns: [Hub], view, client (one socket), frame, [Board] (widgets, rendered
// once a second for all).
package hub
