// Package ingest is where facts come in. Each way in is a sub-package (mqtt,
// open311, feeds, units, citymodel); all of them end at the one [Gate], which
// checks every fact against the city as it stands (places, times, units, known
// devices) and hands the good ones to the stream. A refused fact is answered
// with [Problem]s that say which field, what was wrong and what would be right.
package ingest
