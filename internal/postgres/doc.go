// Package postgres runs a private PostgreSQL as a child process of this
// program: [Start] finds the binaries, makes the cluster below a data
// directory, starts the server on a Unix socket and answers with its DSN;
// while the program runs the server is started again should it die, and when
// the program dies, even by kill -9, the server shuts itself down cleanly.
//
// PostgreSQL refuses to run as root. As root the child runs as the user
// postgres or nobody, or, below a directory that those cannot reach (/root),
// in a user namespace of its own.
//
// PostgreSQL 15 to 18. Whoever has a real server gives its URL to the program
// and does not need this package.
package postgres
