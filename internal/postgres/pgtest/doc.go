// Package pgtest gives a test a PostgreSQL of its own.
package pgtest
