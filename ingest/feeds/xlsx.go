package feeds

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// What a workbook may unpack to; a small file can hold a very large one.
const (
	maxUnzipped = 512 << 20
	maxInMemory = 16 << 20
)

var (
	errLegacyXLS = errors.New("this is the old .xls format, or a workbook with a password; save it as .xlsx without one")
	errNoSheet   = errors.New("the workbook has no such sheet")
)

// readXLSX reads one sheet (ECMA-376). Cells are read raw: a date is a serial
// number, which is five times faster than formatting it and loses nothing.
func readXLSX(data []byte, c *Contract) (*table, error) {
	if bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		return nil, errLegacyXLS
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxInMemory,
	})
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	defer f.Close()
	sheet, err := sheetOf(f, c.Sheet)
	if err != nil {
		return nil, err
	}
	rows, err := sheetRows(f, sheet)
	if err != nil {
		return nil, fmt.Errorf("read sheet %s: %w", sheet, err)
	}
	ms, err := sheetMerges(data, sheet)
	if err != nil {
		return nil, fmt.Errorf("read sheet %s: %w", sheet, err)
	}
	t := &table{format: "xlsx"}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		t.date1904 = *props.Date1904
	}
	above := ms.above(2 * maxHeaderRow)
	for top := 0; top < min(maxHeaderRow, len(rows)); top++ {
		heads, end := headerBlock(rows, above, top)
		if c.recognises(heads) {
			ms.fillDown(rows, end+1)
			t.header, t.rows = heads, rows[end+1:]
			return t, nil
		}
	}
	return nil, noHeader(c, rows)
}

func sheetOf(f *excelize.File, want string) (string, error) {
	names := f.GetSheetList()
	for _, n := range names {
		if want == "" || normal(n) == normal(want) {
			return n, nil
		}
	}
	return "", fmt.Errorf("%w: %q; it has %s", errNoSheet, want, strings.Join(names, ", "))
}

// maxGap is the most empty rows that may stand between two that are not.
const maxGap = 10_000

var errGap = fmt.Errorf("more than %d empty rows stand between two rows", maxGap)

// sheetRows reads all rows. Empty rows at the end do not count: one formatted
// cell far down makes a spreadsheet of a million of them.
func sheetRows(f *excelize.File, sheet string) ([]row, error) {
	it, err := f.Rows(sheet)
	if err != nil {
		return nil, err
	}
	defer it.Close()
	var rows []row
	for number := 1; it.Next(); number++ {
		cells, err := it.Columns()
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", number, err)
		}
		if cells = trimmed(cells); len(cells) == 0 {
			continue
		}
		switch {
		case number-len(rows) > maxGap:
			return nil, errGap
		case number > maxRows:
			return nil, errTooManyRows
		}
		for len(rows) < number-1 {
			rows = append(rows, row{number: len(rows) + 1})
		}
		rows = append(rows, row{number: number, cells: cells})
	}
	return rows, it.Error()
}

// trimmed drops the empty cells at a row's end, with their memory.
func trimmed(cells []string) []string {
	n := len(cells)
	for n > 0 && cells[n-1] == "" {
		n--
	}
	return slices.Clone(cells[:min(n, maxColumns)])
}
