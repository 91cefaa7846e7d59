package feeds

import (
	"encoding/json"
	"strconv"

	"github.com/paulmach/orb"
)

// table is a delivery that has been read, still as text.
type table struct {
	format   string // "csv", "xlsx", "geojson"; "row" of a dead letter
	encoding string // of a CSV: "utf-8", "gb18030", "utf-16"
	header   []head
	rows     []row
	// date1904: the serial numbers of this workbook count from 1904.
	date1904 bool
}

// head is one column's header as it stands in the file. path holds the texts
// from the outermost merged header down; the last is the column's own.
type head struct {
	path []string
	ref  string // "C3"; empty in GeoJSON
}

func (h head) own() string {
	if len(h.path) == 0 {
		return ""
	}
	return h.path[len(h.path)-1]
}

// row is one row of a table.
type row struct {
	// number is the row's as a spreadsheet shows it, from 1; of GeoJSON the
	// feature's.
	number int
	cells  []string // by column; may be shorter than the header
	// place of GeoJSON; nil otherwise, and in the file's CRS.
	place orb.Geometry
	// broken says why the row could not be read at all.
	broken string
	// raw is what a dead letter holds instead of the cells by name: the
	// feature, or the broken text.
	raw json.RawMessage
}

func (r *row) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// columnName is a column's letters: 0 → A, 26 → AA.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// cellName is a cell's name as spreadsheets have it: column 2, row 12 → C12.
func cellName(column, row int) string { return columnName(column) + strconv.Itoa(row) }
