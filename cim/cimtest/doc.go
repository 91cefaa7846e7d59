// Package cimtest makes random facts of a small city, for tests that compare
// two ways to the same model: two processes, a restart, batches of other sizes.
package cimtest
