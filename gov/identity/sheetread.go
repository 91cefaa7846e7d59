package identity

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// What a workbook may hold; a small file can unpack to a very large one.
const (
	MaxWorkbook  = 8 << 20 // bytes of the file
	maxUnpacked  = 64 << 20
	maxInMemory  = 4 << 20
	maxSheetRows = 10_000
	maxSheetCols = 64
	headingRows  = 10 // the headings are in one of the first rows
)

// sheetRow is a row by the fields of its sheet.
type sheetRow struct {
	number int
	cells  map[string]string // by field, printable, those that are not empty
}

// sheetTable is a sheet as it was read.
type sheetTable struct {
	name    string
	columns []column
	at      map[string]int // of a field, its column from 1
	heading int            // its row from 1
	rows    []sheetRow
}

// cell is the name of a row's cell of a field; the first of the row where the
// sheet has no such column.
func (t *sheetTable) cell(field string, row int) string {
	name, err := excelize.CoordinatesToCellName(max(t.at[field], 1), max(row, 1))
	if err != nil {
		return ""
	}
	return name
}

// errWorkbook is a file that cannot be read; FieldError of the field "file".
func errWorkbook(message, want string) error {
	return wrong("file", "", "malformed", message, want)
}

// readWorkbook reads the sheets of organisations and people; one that is not
// there is nil, and both missing an error. Memory is bounded whatever r says.
func readWorkbook(r io.Reader) (orgs, people *sheetTable, err error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxWorkbook+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read the workbook: %w", err)
	}
	switch {
	case len(data) > MaxWorkbook:
		return nil, nil, wrong("file", "", "too-large", "文件过大 / the file is too large", fmt.Sprintf("at most %d MiB", MaxWorkbook>>20))
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return nil, nil, errWorkbook("旧版 .xls 或加密工作簿 / an old .xls, or a workbook with a password", ".xlsx")
	}
	// What the file says is not to be trusted, and the library is large.
	defer func() {
		if p := recover(); p != nil {
			orgs, people, err = nil, nil, errWorkbook("不是有效的工作簿 / not a workbook that can be read", ".xlsx")
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory,
	})
	if err != nil {
		return nil, nil, errWorkbook("不是有效的工作簿 / not a workbook that can be read: "+printable(err.Error()), ".xlsx")
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, name := range f.GetSheetList() {
		switch {
		case name == OrgSheet && orgs == nil:
			orgs, err = readSheet(f, name, orgColumnsOfSheet)
		case name == PersonSheet && people == nil:
			people, err = readSheet(f, name, personColumnsOfSheet)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if orgs == nil && people == nil {
		return nil, nil, errWorkbook("没有“机构”或“人员”工作表 / there is no sheet of that name", OrgSheet+", "+PersonSheet)
	}
	return orgs, people, nil
}

func readSheet(f *excelize.File, name string, columns []column) (*sheetTable, error) {
	it, err := f.Rows(name)
	if err != nil {
		return nil, errWorkbook("工作表读不出来 / the sheet cannot be read: "+name, "")
	}
	defer it.Close()
	t := &sheetTable{name: name, columns: columns}
	for number := 1; it.Next(); number++ {
		cells, err := it.Columns()
		if err != nil {
			return nil, errWorkbook(fmt.Sprintf("工作表%s第 %d 行读不出来 / row %d of the sheet cannot be read", name, number, number), "")
		}
		cells = cells[:min(len(cells), maxSheetCols)]
		if t.at == nil {
			if t.recognise(cells) {
				t.heading = number
			} else if number >= headingRows {
				break
			}
			continue
		}
		if row, ok := t.row(number, cells); ok {
			if len(t.rows) >= maxSheetRows {
				return nil, wrong("file", "", "too-large", "工作表“"+name+"”行数过多 / the sheet has too many rows", fmt.Sprintf("at most %d", maxSheetRows))
			}
			t.rows = append(t.rows, row)
		}
	}
	if err := it.Error(); err != nil {
		return nil, errWorkbook("工作表读不出来 / the sheet cannot be read: "+name, "")
	}
	return t, nil
}

// recognise takes a row for the headings if it has one of the needed columns.
func (t *sheetTable) recognise(cells []string) bool {
	at := map[string]int{}
	known := false
	for i, cell := range cells {
		for _, c := range t.columns {
			if _, twice := at[c.field]; !twice && headingOf(cell) == c.zh {
				at[c.field] = i + 1
				known = known || c.need
			}
		}
	}
	if known {
		t.at = at
	}
	return known
}

// row is a row with something in it that is not the example.
func (t *sheetTable) row(number int, cells []string) (sheetRow, bool) {
	r := sheetRow{number: number, cells: map[string]string{}}
	for field, at := range t.at {
		if at <= len(cells) {
			if v := printable(plainText(cells[at-1])); v != "" {
				r.cells[field] = v
			}
		}
	}
	return r, len(r.cells) > 0 && !strings.HasPrefix(r.cells["name"], exampleMark)
}
