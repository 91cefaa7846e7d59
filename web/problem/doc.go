// Package problem is how every door of the web server says no: an RFC 9457
// problem, application/problem+json, whose errors name the field, what was
// sent and what would be right, so that a person can mend it.
package problem
