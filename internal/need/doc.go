// Package need says what a test needs of the machine it runs on: a program, a
// file that a build leaves, open files, a small disk of its own.
//
// Where something that can be installed is missing the test is skipped, so that
// `go test ./...` works in a fresh clone; with the environment variable CI set
// it fails, so that no test is left out unseen where all of them must run. What
// only the kernel can grant (mounting a disk) is skipped with the reason either way.
package need
