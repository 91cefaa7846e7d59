package geo

import "testing"

func TestFindingTheRegionOfAPointAllocatesNothing(t *testing.T) {
	tree, at := cityOf365(t)
	i, found := 0, 0
	n := testing.AllocsPerRun(len(at), func() {
		if _, ok := tree.At(at[i%len(at)]); ok {
			found++
		}
		i++
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
	if found < len(at)/2 {
		t.Errorf("only %d of %d points have a region", found, len(at))
	}
}
