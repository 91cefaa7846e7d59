package feeds

import (
	"bytes"
	"errors"
	"fmt"
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
	ms, err := sheetMerges(f, sheet)
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

func sheetRows(f *excelize.File, sheet string) ([]row, error) {
	it, err := f.Rows(sheet)
	if err != nil {
		return nil, err
	}
	defer it.Close()
	var rows []row
	for it.Next() {
		if len(rows) >= maxRows {
			return nil, errTooManyRows
		}
		cells, err := it.Columns()
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", len(rows)+1, err)
		}
		rows = append(rows, row{number: len(rows) + 1, cells: cells})
	}
	return rows, it.Error()
}
