package cim_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"onecity/cim"
)

func TestReadersReadWhileTheOwnerFolds(t *testing.T) {
	snaps := make(chan *cim.Snapshot, 4)
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 0))
			for s := range snaps {
				hash := s.Hash()
				for _, scope := range scopes(r, 2) {
					rd := s.In(scope)
					see(rd)
					rd.Tally("320583")
					for _, res := range []int{8, 7, 6, 5, 3} {
						rd.Cells(res, whole, func(*cim.CellState) bool { return true })
					}
				}
				if s.Hash() != hash {
					t.Error("the snapshot changed while it was read")
				}
			}
		})
	}
	m := cim.NewModel()
	for i, e := range chapter(9, 600) {
		m.Fold(e)
		if i%5 == 0 {
			s := m.Snapshot()
			for range 2 { // two readers of the same snapshot
				snaps <- s
			}
		}
	}
	close(snaps)
	readers.Wait()
}
