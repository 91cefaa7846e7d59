package evaluation

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Names of the workbook's sheets.
const (
	TableSheet = "综合评价"
	NoteSheet  = "指标说明"
)

// WriteXLSX writes a table as a workbook: the indicators, then the counts that
// they are made of, as numbers; a second sheet says how each is made.
func (t *Table) WriteXLSX(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	if err := f.SetSheetName("Sheet1", TableSheet); err != nil {
		return err
	}
	if _, err := f.NewSheet(NoteSheet); err != nil {
		return err
	}
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE7F3"}}})
	if err != nil {
		return err
	}
	if err := t.writeRows(f, head); err != nil {
		return fmt.Errorf("sheet %s: %w", TableSheet, err)
	}
	if err := t.writeNotes(f, head); err != nil {
		return fmt.Errorf("sheet %s: %w", NoteSheet, err)
	}
	return f.Write(w)
}

func (t *Table) writeRows(f *excelize.File, head int) error {
	s, err := f.NewStreamWriter(TableSheet)
	if err != nil {
		return err
	}
	if err := s.SetColWidth(1, 1, 18); err != nil {
		return err
	}
	if err := s.SetColWidth(2, 2, 22); err != nil {
		return err
	}
	if err := s.SetColWidth(3, 2+len(t.Indicators)+len(t.Measures), 13); err != nil {
		return err
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, XSplit: 2, YSplit: 2, TopLeftCell: "C3", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	title := fmt.Sprintf("%s 综合评价 %s 至 %s", t.RegionName, t.From, t.To)
	if err := s.SetRow("A1", []any{excelize.Cell{StyleID: head, Value: strings.TrimSpace(title)}}); err != nil {
		return err
	}
	headings := []any{excelize.Cell{StyleID: head, Value: "编码"}, excelize.Cell{StyleID: head, Value: "名称"}}
	for _, i := range t.Indicators {
		headings = append(headings, excelize.Cell{StyleID: head, Value: i.Name + "（" + i.Unit + "）"})
	}
	for _, m := range t.Measures {
		headings = append(headings, excelize.Cell{StyleID: head, Value: m.Name})
	}
	if err := s.SetRow("A2", headings); err != nil {
		return err
	}
	for n, row := range append(append([]Row(nil), t.Rows...), t.Total) {
		cells := []any{plain(row.Key), plain(row.Name)}
		for _, i := range t.Indicators {
			if v := row.Values[i.Code]; v != nil {
				cells = append(cells, *v)
			} else {
				cells = append(cells, nil)
			}
		}
		for _, m := range t.Measures {
			cells = append(cells, row.Counts[m.Code])
		}
		if err := s.SetRow(fmt.Sprintf("A%d", n+3), cells); err != nil {
			return err
		}
	}
	return s.Flush()
}

func (t *Table) writeNotes(f *excelize.File, head int) error {
	s, err := f.NewStreamWriter(NoteSheet)
	if err != nil {
		return err
	}
	for i, width := range []float64{24, 18, 50, 8, 10, 80} {
		if err := s.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	var headings []any
	for _, h := range []string{"编码", "名称", "算式", "单位", "目标", "来源"} {
		headings = append(headings, excelize.Cell{StyleID: head, Value: h})
	}
	if err := s.SetRow("A1", headings); err != nil {
		return err
	}
	for n, i := range t.Indicators {
		row := []any{i.Code, plain(i.Name), plain(i.Formula), i.Unit, nil, plain(i.Source)}
		if i.Target != nil {
			row[4] = *i.Target
		}
		if err := s.SetRow(fmt.Sprintf("A%d", n+2), row); err != nil {
			return err
		}
	}
	for n, m := range t.Measures {
		if err := s.SetRow(fmt.Sprintf("A%d", len(t.Indicators)+n+3), []any{m.Code, m.Name}); err != nil {
			return err
		}
	}
	return s.Flush()
}

// plain keeps a text from being a formula of the program that opens the sheet.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
