package identity

import (
	"context"
	"fmt"
	"io"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"
)

// Export writes the organisations and people that by may view, as Import takes
// them, and tells the log of it: the file holds what people are called and how
// to reach them.
func (d *Directory) Export(ctx context.Context, by By, w io.Writer) error {
	tree, err := d.tree(ctx, by)
	if err != nil {
		return fmt.Errorf("export the directory: %w", err)
	}
	people, err := d.everybody(ctx, by)
	if err != nil {
		return fmt.Errorf("export the directory: %w", err)
	}
	err = pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		c := change{action: "identity.export", object: "directory:", after: map[string]int{"orgs": len(tree.orgs), "people": len(people)}}
		return d.record(ctx, tx, by, c, audit.Done)
	})
	if err != nil {
		return err
	}
	var orgRows, personRows [][]string
	for _, o := range tree.orgs {
		orgRows = append(orgRows, []string{o.USCC, o.Name, kindZH[o.Kind], tree.name(o.Parent), o.Region})
	}
	for _, p := range people {
		personRows = append(personRows, []string{p.Login, p.Name, tree.name(p.Org), p.Post, p.Phone, p.Email, stateZH[p.State]})
	}
	if err := writeWorkbook(w, orgRows, personRows); err != nil {
		return fmt.Errorf("export the directory: %w", err)
	}
	return nil
}

// Template writes a workbook to fill in: headings, what can be chosen, and an
// example in each sheet, which Import passes over.
func Template(w io.Writer) error {
	example := func(columns []column) [][]string {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = c.example
		}
		return [][]string{row}
	}
	if err := writeWorkbook(w, example(orgColumnsOfSheet), example(personColumnsOfSheet)); err != nil {
		return fmt.Errorf("write the template: %w", err)
	}
	return nil
}

func writeWorkbook(w io.Writer, orgs, people [][]string) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	if err := f.SetSheetName("Sheet1", OrgSheet); err != nil {
		return err
	}
	for _, name := range []string{PersonSheet, noteSheet} {
		if _, err := f.NewSheet(name); err != nil {
			return err
		}
	}
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE7F3"}}})
	if err != nil {
		return err
	}
	// Text, so that no program makes a number of a code.
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return err
	}
	for _, s := range []struct {
		name    string
		columns []column
		rows    [][]string
	}{{OrgSheet, orgColumnsOfSheet, orgs}, {PersonSheet, personColumnsOfSheet, people}} {
		if err := writeSheet(f, s.name, s.columns, s.rows, head, text); err != nil {
			return fmt.Errorf("sheet %s: %w", s.name, err)
		}
	}
	if err := writeNotes(f, head); err != nil {
		return fmt.Errorf("sheet %s: %w", noteSheet, err)
	}
	return f.Write(w)
}

func writeSheet(f *excelize.File, name string, columns []column, rows [][]string, head, text int) error {
	s, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	headings := make([]any, len(columns))
	for i, c := range columns {
		headings[i] = excelize.Cell{StyleID: head, Value: c.heading()}
		if err := s.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
		if err := s.SetColStyle(i+1, i+1, text); err != nil {
			return err
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := s.SetRow("A1", headings); err != nil {
		return err
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for k, v := range row {
			cells[k] = excelize.Cell{StyleID: text, Value: guardFormula(v)}
		}
		if err := s.SetRow(fmt.Sprintf("A%d", i+2), cells); err != nil {
			return err
		}
	}
	if err := s.Flush(); err != nil {
		return err
	}
	for i, c := range columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		v := excelize.NewDataValidation(true)
		v.SetSqref(fmt.Sprintf("%s2:%s%d", letter, letter, maxSheetRows+1))
		v.SetInput(c.zh+" "+c.en, c.note)
		if len(c.list) > 0 {
			if err := v.SetDropList(c.list); err != nil {
				return err
			}
			v.SetError(excelize.DataValidationErrorStyleStop, c.zh+" "+c.en, "请从列表中选择 / choose from the list")
		}
		if err := f.AddDataValidation(name, v); err != nil {
			return err
		}
	}
	return nil
}

func writeNotes(f *excelize.File, head int) error {
	s, err := f.NewStreamWriter(noteSheet)
	if err != nil {
		return err
	}
	for i, width := range []float64{10, 30, 90} {
		if err := s.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	rows := [][]any{{excelize.Cell{StyleID: head, Value: "工作表 Sheet"}, excelize.Cell{StyleID: head, Value: "列 Column"}, excelize.Cell{StyleID: head, Value: "填写说明 What goes in"}}}
	for _, c := range orgColumnsOfSheet {
		rows = append(rows, []any{OrgSheet, c.heading(), c.note})
	}
	for _, c := range personColumnsOfSheet {
		rows = append(rows, []any{PersonSheet, c.heading(), c.note})
	}
	rows = append(rows,
		[]any{"", "* 必填 Needed", "带星号的列必须填写 / columns with an asterisk must be filled"},
		[]any{"", "示例 Example", "名称以“" + exampleMark + "”开头的行不导入 / a row whose name begins so is passed over"},
		[]any{"", "已有 There already", "代码（或上级与名称）、登录名已有的行为修改，其余为新增；不移动、不删除 / a row whose code (or parent and name) or login is there is changed, others are added; nothing is moved or deleted"},
		[]any{"", "空单元格 Empty cell", "不改变已有内容 / changes nothing that is there"},
		[]any{"", "整体 As a whole", "全部行无误才导入 / nothing goes in unless every row is good"})
	for i, row := range rows {
		if err := s.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	return s.Flush()
}
