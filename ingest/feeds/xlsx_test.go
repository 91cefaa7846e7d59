package feeds_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"onecity/cim"

	"github.com/xuri/excelize/v2"
)

// workbook makes one sheet of cells, with merged ranges.
func workbook(t testing.TB, rows [][]any, merged ...[2]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range merged {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookWithMergedHeaderCellsIsRead(t *testing.T) {
	c := start(t)
	stations(t, c)
	body := workbook(t, [][]any{
		{"昆山市空气质量小时报"},
		{"站点编码", "监测时间", "颗粒物(μg/m3)", nil, "气体", nil},
		{nil, nil, "PM2.5", "PM10", "SO2", "CO"},
		{"air-1", time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC), 35.5, 60, 8, 0.7},
		{nil, "2026-01-31 07:00", 33, 58, 8, 0.7},
		{"air-2", 46053.25, 20, "many", 8, 0.7},
	}, [2]string{"A1", "F1"}, [2]string{"A2", "A3"}, [2]string{"B2", "B3"}, [2]string{"C2", "D2"}, [2]string{"E2", "F2"}, [2]string{"A4", "A5"})
	r := c.deliver(t, "air-hourly", "h.xlsx", body)
	if r.Error != "" || r.Format != "xlsx" || r.Accepted != 2 || wrong(r.Problems) != "6 D6 PM10 malformed" {
		t.Fatalf("got %+v", r)
	}
	c.Until(t, "the values are there", func(rd cim.Reader) bool {
		v, _ := c.Value("air-1", "pm2_5")
		d, _ := rd.Device("air-1")
		return v == 35.5 && d.Seen.Equal(eight)
	})
}

func TestAMergedHeaderThatNamesTwoColumnsAlikeIsAmbiguous(t *testing.T) {
	c := start(t)
	body := workbook(t, [][]any{
		{"站点编码", "监测时间", "一号仪", nil, "二号仪", nil},
		{nil, nil, "PM2.5", "PM10", "PM2.5", "PM10"},
		{"air-1", "2026-01-31 08:00", 1, 2, 3, 4},
	}, [2]string{"A1", "A2"}, [2]string{"B1", "B2"}, [2]string{"C1", "D1"}, [2]string{"E1", "F1"})
	r := c.deliver(t, "air-hourly", "h.xlsx", body)
	if r.Accepted != 0 || !strings.Contains(r.Error, `"PM2.5" could be C2 "一号仪/PM2.5" or E2 "二号仪/PM2.5"; name it by the merged header above, such as "一号仪/PM2.5"`) {
		t.Errorf("got %q", r.Error)
	}
}

func TestAMergedHeaderOverValuesIsAmbiguous(t *testing.T) {
	c := start(t)
	body := workbook(t, [][]any{
		{"站点编码", "监测时间", "PM2.5", nil},
		{"air-1", "2026-01-31 08:00", 1, 2},
	}, [2]string{"C1", "D1"})
	if r := c.deliver(t, "air-hourly", "h.xlsx", body); !strings.Contains(r.Error, "ambiguous") {
		t.Errorf("got %+v", r)
	}
}

func TestACodeThatAWorkbookTookForANumberIsTheCode(t *testing.T) {
	c := start(t)
	body := workbook(t, [][]any{{"站点编码", "站点名称", "经度", "纬度"}, {3205830010001.0, "数字站", 121, 31.4}})
	if r := c.deliver(t, "air-stations", "s.xlsx", body); r.Accepted != 1 {
		t.Fatalf("got %+v", r)
	}
	c.Until(t, "it is registered", func(r cim.Reader) bool { _, ok := r.Device("3205830010001"); return ok })
}

func TestACellFarDownDoesNotMakeAMillionRows(t *testing.T) {
	c := start(t)
	stations(t, c)
	book := workbook(t, [][]any{{"站点编码", "监测时间", "PM2.5"}, {"air-1", "2026-01-31 08:00", 7}})
	far := remade(t, book, "</sheetData>", `<row r="1048576"><c r="XFD1048576" s="0"></c></row></sheetData>`)
	if r := c.deliver(t, "air-hourly", "h.xlsx", far); r.Rows != 1 || r.Accepted != 1 {
		t.Errorf("got %+v", r)
	}
	filled := remade(t, book, "</sheetData>", `<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>`)
	if r := c.deliver(t, "air-hourly", "h.xlsx", filled); !strings.Contains(r.Error, "empty rows") {
		t.Errorf("got %+v", r)
	}
}

// remade is a workbook with its sheet's XML changed.
func remade(t testing.TB, book []byte, old, new string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if part.Name == "xl/worksheets/sheet1.xml" {
			if !bytes.Contains(data, []byte(old)) {
				t.Fatalf("no %s in %s", old, data)
			}
			data = bytes.ReplaceAll(data, []byte(old), []byte(new))
		}
		w, err := out.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestARangeMergedOverTheWholeSheetAndMergesWithoutEndDoNoHarm(t *testing.T) {
	c := start(t)
	book := workbook(t, [][]any{{"站点编码", "监测时间", "PM2.5"}, {"air-1", "2026-01-31 08:00", 1}}, [2]string{"A5", "B5"})
	for _, merges := range []string{`ref="A1:XFD1048576"`, `ref="A1:A1"/>` + strings.Repeat(`<mergeCell ref="A9:B9"/>`, 50_000) + `<mergeCell ref="A7:B7"`, `ref="nonsense"`} {
		if r := c.deliver(t, "air-hourly", "h.xlsx", remade(t, book, `ref="A5:B5"`, merges)); r.Accepted != 0 || r.Error == "" {
			t.Errorf("%.40s: got %+v", merges, r)
		}
	}
}
