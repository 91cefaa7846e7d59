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

// within narrows the reader to a region; ok is false when it cannot see any
// thing of the layer there.
func (r Reader) within(l cim.Layer, region geo.Code) (prefix string, ok bool) {
	scope := r.scope
	if region != "" && !region.Contains(scope.Region) {
		if scope, ok = scope.Within(region); !ok {
			return "", false
		}
	}
	return like(scope.Region), scope.Layers.Has(l)
}

// like is the LIKE pattern of a region and all inside it.
func like(c geo.Code) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(clean(string(c))) + "%"
}
