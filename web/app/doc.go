// Package app holds the built front end. Without `make web` it holds nothing
// but an empty mark, so that the program builds in a fresh clone.
package app
