package geo

import "github.com/uber/h3-go/v4"

// Disk is c and the cells within that many rings around it, in no order that
// means anything: 7 for one ring, 19 for two. Nil for what is no cell.
func (c Cell) Disk(rings int) []Cell {
	hs, err := h3.Cell(c).GridDisk(rings)
	if err != nil {
		return nil
	}
	return cellsOf(hs)
}
