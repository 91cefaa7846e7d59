package feeds

import (
	"bytes"
	"os"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// example is an embedded contract.
func example(t testing.TB, id string) *Contract {
	t.Helper()
	list, err := Examples()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.ID == id {
			return c
		}
	}
	t.Fatal("no contract " + id)
	return nil
}

// readAll reads every row of a table the way a delivery does.
func readAll(t *testing.T, c *Contract, tab *table) {
	t.Helper()
	rd, err := newReader(c, tab)
	if err != nil {
		return
	}
	last := 0
	for i := range tab.rows {
		r := &tab.rows[i]
		if r.number <= last && tab.format != "csv" {
			t.Errorf("row %d after row %d", r.number, last)
		}
		last = r.number
		if empty(r) {
			continue
		}
		rec, ps := rd.read(r)
		for _, p := range ps {
			if p.Code == "" || p.Message == "" || !utf8.ValidString(p.Value) || len(p.Value) > 80 {
				t.Errorf("got %+v", p)
			}
		}
		if len(ps) == 0 && len(rec.values) != len(c.Columns) {
			t.Errorf("%d values", len(rec.values))
		}
		if _, err := rd.body(r); err != nil && r.raw == nil {
			t.Error(err)
		}
	}
}

func seedFiles(f *testing.F, names ...string) {
	for _, name := range names {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzReadCSV(f *testing.F) {
	seedFiles(f, "air-gb18030-bom.csv", "air-gb18030.csv", "air-utf8-bom.csv", "air-utf8.csv")
	f.Add([]byte("站点编码\t监测时间\n\"a\nb\"\t\"2026-01-31 08:00\nx\"\n\"open"))
	f.Add([]byte("\xff\xfe\xd9\x7a\xb9\x70\x16\x7f\x01\x78,\x00"))
	c := example(f, "air-hourly")
	f.Fuzz(func(t *testing.T, data []byte) {
		if tab, err := readCSV(data, c, c.recognises); err == nil {
			readAll(t, c, tab)
		}
	})
}

func FuzzReadGeoJSON(f *testing.F) {
	seedFiles(f, "pumps.geojson")
	f.Add([]byte(`{"type":"FeatureCollection","crs":{"properties":{"name":"urn:ogc:def:crs:EPSG::4549"}},"features":[null,1,{"type":"Feature"}]}`))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[]},"properties":{"a":1e999}}]}`))
	c := example(f, "pump-stations")
	f.Fuzz(func(t *testing.T, data []byte) {
		if tab, err := readGeoJSON(data, c); err == nil {
			readAll(t, c, tab)
		}
	})
}

func FuzzReadXLSX(f *testing.F) {
	book := excelize.NewFile()
	defer book.Close()
	for cell, v := range map[string]any{"A1": "站点编码", "B1": "监测时间", "C1": "PM2.5", "A2": "air-1", "B2": 46053.25, "C2": 7} {
		if err := book.SetCellValue("Sheet1", cell, v); err != nil {
			f.Fatal(err)
		}
	}
	if err := book.MergeCell("Sheet1", "A1", "A2"); err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x03\x04"))
	c := example(f, "air-hourly")
	f.Fuzz(func(t *testing.T, data []byte) {
		if tab, err := readXLSX(data, c); err == nil {
			readAll(t, c, tab)
		}
	})
}

// FuzzHeaderBlock makes sheets with any merges: what a workbook may claim.
func FuzzHeaderBlock(f *testing.F) {
	f.Add("站点编码\x00监测时间\x00PM2.5", uint8(3), []byte{0, 0, 0, 1, 1, 0, 2, 0})
	f.Fuzz(func(t *testing.T, text string, width uint8, ranges []byte) {
		var rows []row
		for i, cell := range bytes.Split([]byte(text), []byte{0}) {
			if len(rows) == 0 || i%(int(width)+1) == 0 {
				rows = append(rows, row{number: len(rows) + 1})
			}
			last := &rows[len(rows)-1]
			last.cells = append(last.cells, string(cell))
		}
		var ms merges
		for ; len(ranges) >= 4; ranges = ranges[4:] {
			ms = append(ms, merge{int(ranges[0]), int(ranges[1]), int(ranges[0]) + int(ranges[2]), int(ranges[1]) + int(ranges[3])})
		}
		for top := range rows {
			heads, end := headerBlock(rows, ms, top)
			if end < top || end >= len(rows) {
				t.Fatalf("the block of row %d ends at %d of %d", top, end, len(rows))
			}
			ms.fillDown(rows, end+1)
			_ = heads
		}
	})
}

func FuzzParseTime(f *testing.F) {
	f.Add("2026-01-30 24:00", "")
	f.Add("2026年1月2日24时", "")
	f.Add("46053.25", "yyyy-MM-dd HH:mm")
	f.Fuzz(func(t *testing.T, text, format string) {
		layout, err := layoutOf(format)
		if err != nil {
			return
		}
		if at, err := parseTime(text, layout, time.UTC, true, false); err == nil && (at.Year() < -1 || at.Year() > 10000) {
			t.Errorf("%q is %v", text, at)
		}
	})
}

func FuzzParseContract(f *testing.F) {
	names, err := embedded.ReadDir("contracts")
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range names {
		data, err := embedded.ReadFile("contracts/" + n.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseContract(data)
		if err == nil && (c.ID == "" || len(c.Columns) == 0 || len(c.Key) == 0) {
			t.Errorf("got %+v", c)
		}
	})
}
