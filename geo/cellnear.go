package geo

import "github.com/uber/h3-go/v4"

// Near are the cell and all within k steps of it, of its resolution; nil for
// what is no cell or a k below 0. There are 1+3k(k+1) of them, fewer at one of
// the twelve pentagons.
func (c Cell) Near(k int) []Cell {
	if !c.Valid() || k < 0 {
		return nil
	}
	cells, err := h3.Cell(c).GridDisk(k)
	if err != nil {
		return nil
	}
	return cellsOf(cells)
}
