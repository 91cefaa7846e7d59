package shortest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestNodesComeOutCheapestFirstAndEqualOnesByNumber(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var f Frontier[int32]
		var waiting []Reached[int32]
		for range 300 {
			if len(waiting) > 0 && rng.IntN(3) == 0 {
				slices.SortFunc(waiting, func(a, b Reached[int32]) int {
					return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Node, b.Node))
				})
				if got := f.Pop(); got != waiting[0] {
					t.Fatalf("%v came out, %v is the cheapest", got, waiting[0])
				}
				waiting = waiting[1:]
				continue
			}
			r := Reached[int32]{float64(rng.IntN(20)), rng.Int32N(20)}
			f.Push(r.Node, r.Cost)
			waiting = append(waiting, r)
		}
		if f.Empty() != (len(waiting) == 0) {
			t.Fatalf("empty: %v, with %d still waiting", f.Empty(), len(waiting))
		}
	}
}
