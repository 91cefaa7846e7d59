package identity

import (
	"bytes"
	"errors"
	"testing"

	"github.com/xuri/excelize/v2"
)

// FuzzImport reads any file as a workbook, and finds out where its rows belong.
func FuzzImport(f *testing.F) {
	var template bytes.Buffer
	if err := Template(&template); err != nil {
		f.Fatal(err)
	}
	f.Add(template.Bytes())
	var b bytes.Buffer
	if err := writeWorkbook(&b, [][]string{
		{"", "甲", "政府部门", "乙", ""}, {"", "乙", "政府部门", "甲", ""}, {"", "丙", "政府部门", "甲/乙/丙", "1"}, {"x", "丁", "", "丁", "1"},
	}, [][]string{{"a.b", "=1", "甲", "", "'+1", "", "在岗"}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x03\x04"))
	book := excelize.NewFile()
	defer book.Close()
	b.Reset()
	if err := book.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		orgs, people, err := readWorkbook(bytes.NewReader(data))
		if err != nil {
			var field *FieldError
			if !errors.As(err, &field) {
				t.Fatalf("an error without a field: %v", err)
			}
			return
		}
		p := newPlacing(&orgTree{byID: map[string]*Org{}, byCode: map[string]*Org{}, byName: map[string][]*Org{}, children: map[string][]*Org{}}, orgs)
		for i := range p.rows {
			if at := p.place(i); at.state != 2 {
				t.Fatalf("row %d is not placed", i)
			}
		}
		for _, table := range []*sheetTable{orgs, people} {
			if table == nil {
				continue
			}
			for _, r := range table.rows {
				for field, v := range r.cells {
					if v != printable(v) || v == "" || plainText(guardFormula(v)) != v || table.cell(field, r.number) == "" {
						t.Fatalf("%q of %s", v, field)
					}
				}
			}
		}
	})
}
