package geo

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

func TestACellIsNearItselfAndItsSixNeighbours(t *testing.T) {
	c := CellAt(orb.Point{120.96, 31.38}, BaseResolution)
	near := c.Near(1)
	if len(near) != 7 || !slices.Contains(near, c) {
		t.Fatalf("near %v are %v", c, near)
	}
	for _, n := range near {
		if n.Resolution() != BaseResolution || !slices.Contains(n.Near(1), c) {
			t.Errorf("%v is no neighbour of %v", n, c)
		}
	}
	if got := c.Near(0); len(got) != 1 || got[0] != c {
		t.Errorf("within no step are %v", got)
	}
	if Cell(0).Near(1) != nil || c.Near(-1) != nil {
		t.Error("what is no cell has neighbours")
	}
}
