package history

import (
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"
)

// Reader reads the record within a Scope. It is a small value; pass it on. What
// the scope does not reach is not there: no error, no rows.
type Reader struct {
	s     *Store
	scope cim.Scope
}

// In is the record as a reader of that scope may see it.
func (s *Store) In(scope cim.Scope) Reader { return Reader{s, scope} }

// Point sums up one step of a series.
type Point struct {
	Time           time.Time // when the step begins
	Mean, Min, Max float64
	Count          uint64
}

// MaxPoints bounds one answer: points of a series, places of a track, incidents
// of a list.
const MaxPoints = 20_000

// reach is what a scope sees of one layer, as the first four arguments of a
// query: a row is visible when its code begins with prefix, is graded no higher than
// grade and, where the scope has several pieces, when it does so in one of them.
type reach struct {
	prefix string
	grade  int16
	// of the pieces; nil when there is one
	prefixes []string
	grades   []int16
}

// reach narrows the reader to a region; ok is false when it cannot see any
// thing of the layer there.
func (r Reader) reach(l cim.Layer, region geo.Code) (x reach, ok bool) {
	scope, ok := r.scope.Within(region)
	if !ok {
		return x, false
	}
	pieces := scope.Pieces(l)
	if len(pieces) == 0 {
		return x, false
	}
	around := pieces[0].Region
	for _, p := range pieces {
		for !around.Contains(p.Region) {
			around = around[:len(around)-1]
		}
		x.grade = max(x.grade, int16(p.Grade))
		x.prefixes = append(x.prefixes, like(p.Region))
		x.grades = append(x.grades, int16(p.Grade))
	}
	x.prefix = clean(string(around))
	if len(pieces) == 1 {
		x.prefixes, x.grades = nil, nil
	}
	return x, true
}

// args are a query's arguments, those of the reach first.
func (x reach) args(more ...any) []any {
	return append([]any{x.prefix, x.grade, x.prefixes, x.grades}, more...)
}

// seen is the condition that a row is visible; region and grade are its
// columns, with the table's name. The prefix is a range, for which an index can
// be used also where a policy stands before it: LIKE is no leakproof operator.
func seen(region, grade string) string {
	return "(" + region + " ~>=~ $1::text and " + region + " ~<~ ($1 || e'\U0010FFFF') and " + grade + " <= $2 and ($3::text[] is null or exists (" +
		"select 1 from unnest($3::text[], $4::smallint[]) piece(prefix, grade) " +
		"where " + region + " like piece.prefix and " + grade + " <= piece.grade)))"
}

// like is the LIKE pattern of a region and all inside it.
func like(c geo.Code) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(clean(string(c))) + "%"
}
