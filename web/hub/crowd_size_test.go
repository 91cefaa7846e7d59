//go:build !race

package hub_test

const (
	crowd  = 5000
	racing = false
)
