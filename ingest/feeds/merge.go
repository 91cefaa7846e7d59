package feeds

import (
	"strconv"
	"strings"
)

// merge is a merged range of cells, from 0, both ends included.
type merge struct{ left, top, right, bottom int }

func (m merge) holds(column, row int) bool {
	return column >= m.left && column <= m.right && row >= m.top && row <= m.bottom
}

type merges []merge

// above are the merges that begin above row: those that a header can have.
func (ms merges) above(row int) (some merges) {
	for _, m := range ms {
		if m.top < row {
			some = append(some, m)
		}
	}
	return some
}

func (ms merges) at(column, row int) (merge, bool) {
	for _, m := range ms {
		if m.holds(column, row) {
			return m, true
		}
	}
	return merge{}, false
}

// headerBlock reads the header that begins in row top, and tells its last row.
// The rule: the block reaches down as far as a merged cell that begins in it,
// and one row further below a cell that is merged over several columns, when
// words stand there. A column's path is what stands above it in the block, a
// merged cell counting once for each of its columns; a cell merged over the
// whole width is a title and counts for none.
func headerBlock(rows []row, ms merges, top int) (heads []head, end int) {
	end = top
	for r := top; r <= end && r < min(len(rows), top+maxHeaderRow); r++ {
		for _, m := range ms {
			if m.top != r {
				continue
			}
			end = max(end, min(m.bottom, top+maxHeaderRow))
			if m.right > m.left && m.bottom == end && wordsBelow(rows, m) {
				end = m.bottom + 1
			}
		}
	}
	end = min(end, len(rows)-1)
	width := 0
	for r := top; r <= end; r++ {
		width = max(width, len(rows[r].cells))
	}
	for _, m := range ms {
		if m.top >= top && m.top <= end {
			width = max(width, m.right+1)
		}
	}
	heads = make([]head, min(width, maxColumns))
	for j := range heads {
		heads[j] = headOf(rows, ms, j, top, end, width)
	}
	return heads, end
}

// maxColumns bounds a header: a merge may claim to reach to column XFD.
const maxColumns = 1024

func headOf(rows []row, ms merges, column, top, end, width int) head {
	var h head
	for r := top; r <= end; r++ {
		text, ref := rows[r].cell(column), cellName(column, r+1)
		if m, ok := ms.at(column, r); ok {
			if r > max(m.top, top) { // said already, or above the block
				continue
			}
			if m.left == 0 && m.right+1 >= width && width > 1 { // a title
				continue
			}
			text, ref = rows[m.top].cell(m.left), cellName(m.left, m.top+1)
		}
		if text = strings.TrimSpace(text); text != "" {
			h.path, h.ref = append(h.path, text), ref
		}
	}
	return h
}

// wordsBelow tells whether a row of headers follows right below m.
func wordsBelow(rows []row, m merge) bool {
	if m.bottom+1 >= len(rows) {
		return false
	}
	words := false
	for j := m.left; j <= m.right; j++ {
		text := strings.TrimSpace(rows[m.bottom+1].cell(j))
		if text == "" {
			continue
		}
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return false
		}
		words = true
	}
	return words
}

// fillDown gives each row of a cell that is merged over several rows below the
// header its value, as people mean it: one station name beside three readings.
func (ms merges) fillDown(rows []row, from int) {
	for _, m := range ms {
		if m.top < from || m.top >= len(rows) || m.bottom == m.top {
			continue
		}
		text := rows[m.top].cell(m.left)
		for r := m.top + 1; r <= min(m.bottom, len(rows)-1); r++ {
			for len(rows[r].cells) <= m.left && m.left < maxColumns {
				rows[r].cells = append(rows[r].cells, "")
			}
			if m.left < len(rows[r].cells) {
				rows[r].cells[m.left] = text
			}
		}
	}
}
