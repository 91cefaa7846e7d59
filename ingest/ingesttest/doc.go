// Package ingesttest starts a small real city for the tests of the ways in: an
// embedded broker on disk, the model folding its stream, and a Gate.
package ingesttest
