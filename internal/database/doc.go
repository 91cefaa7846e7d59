// Package database opens PostgreSQL for the modules that keep their records
// there, and brings each module's tables up to date.
//
// Every module has a schema of its own (audit, flow, identity …) and its own
// list of migrations, so that modules can be told apart, dumped and granted
// one by one.
package database
