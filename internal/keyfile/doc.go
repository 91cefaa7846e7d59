// Package keyfile keeps a key in a file that only its owner may read, and with
// it seals what must not be read in the database by who has only the database.
package keyfile
