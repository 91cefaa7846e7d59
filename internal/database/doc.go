// Package database opens PostgreSQL for the modules that keep their records
// there, brings each module's tables up to date, and builds the second wall.
//
// Every module has a schema of its own (audit, flow, identity …) and its own
// list of migrations, so that modules can be told apart, dumped and granted
// one by one.
//
// The second wall is row-level security: Guard puts policies on tables, and a
// read that somebody asked for goes through a [Wall], in a role that owns
// nothing (Reader) and with a [Scope] in the setting app.scope. The first wall
// are the queries' own conditions, which stay.
//
// What holds: a query whose condition was forgotten, or is wrong, reads no
// more than the scope reaches; without a scope nothing; a table that was never
// guarded is closed; nothing can be written; one statement, also one with SQL
// injected into it, cannot leave its role while it runs. What does not hold:
// the connection is the program's, so whoever can send statements of their own
// in the same transaction can RESET ROLE, and whoever can run set_config in a
// statement can widen app.scope before a policy reads it. Against those only an
// account of its own, with connections of its own, would help. What the program
// does for itself (recording, folding, sealing, compiling rights) is not bound.
package database
