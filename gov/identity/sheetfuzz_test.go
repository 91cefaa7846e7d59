package identity

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzImport reads any sheet, and finds out where its rows belong.
func FuzzImport(f *testing.F) {
	var book bytes.Buffer
	if err := writeWorkbook(&book, [][]string{
		{"", "甲", "政府部门", "乙", ""}, {"", "乙", "政府部门", "甲", ""}, {"", "丙", "政府部门", "甲/乙/丙", "1"}, {"x", "丁", "", "丁", "1"},
	}, nil); err != nil {
		f.Fatal(err)
	}
	const part = "xl/worksheets/sheet1.xml"
	parts := map[string][]byte{}
	z, err := zip.NewReader(bytes.NewReader(book.Bytes()), int64(book.Len()))
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range z.File {
		r, err := p.Open()
		if err != nil {
			f.Fatal(err)
		}
		if parts[p.Name], err = io.ReadAll(r); err != nil {
			f.Fatal(err)
		}
	}
	row := func(cells string) []byte {
		return []byte(`<worksheet><sheetData><row r="1"><c t="str"><v>机构名称</v></c><c t="str"><v>上级机构</v></c></row>` + cells + `</sheetData></worksheet>`)
	}
	f.Add(parts[part])
	f.Add(row(`<row r="2"><c t="str"><v>_x0000_甲</v></c><c t="str"><v>甲/甲</v></c></row>`))
	f.Add(row(`<row r="20000"><c r="B20000" t="inlineStr"><is><t>'=1</t></is></c></row>`))
	f.Add(row(`<row r="2"><c t="s"><v>99</v></c></row><row r="0"><c r="XFD2"><v>1e9</v></c></row>`))
	f.Fuzz(func(t *testing.T, sheet []byte) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, content := range parts {
			if name == part {
				content = sheet
			}
			w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(content); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		orgs, people, err := readWorkbook(&b)
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
