// Package limit keeps one caller from taking the server from all others: each
// has a budget of requests, which fills up as time goes by (a token bucket).
// Who asks too much is told when to come again (429, Retry-After: RFC 6585,
// section 4, and RFC 9110, section 10.2.3) and costs next to nothing until then.
//
// The budgets are wide: no person, no display and no feed that works as it
// should ever meets one. They are per node and in memory, bounded: of the
// callers the least recently seen are forgotten first.
package limit
