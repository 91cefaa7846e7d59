// Package e2e tests the program as it is shipped: the built binary, started
// from outside, spoken to over its public interfaces only. It has tests and
// their harness and nothing else; `make test-e2e` runs it (build tag e2e).
package e2e
