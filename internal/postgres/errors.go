package postgres

import "errors"

// What can go wrong, for errors.Is.
var (
	// ErrInUse: another program runs on this data directory.
	ErrInUse = errors.New("the data directory is in use by another program")
	// ErrNoBinaries: no PostgreSQL was found; the message says what to install.
	ErrNoBinaries = errors.New("no PostgreSQL was found")
	// ErrVersion: the cluster was made by a version whose binaries are not here.
	ErrVersion = errors.New("the cluster is of another PostgreSQL version")
	// ErrUnreachable: run by root, below a directory that no other user can
	// reach, and user namespaces are forbidden.
	ErrUnreachable = errors.New("the directory cannot be reached by PostgreSQL")
)
