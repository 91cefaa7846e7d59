//go:build race

package hub_test

// The race detector follows 8,128 goroutines at most, and each has its price in
// memory: fewer clients, and their size says nothing.
const (
	crowd  = 1000
	racing = true
)
