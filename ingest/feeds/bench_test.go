package feeds

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

const benchRows = 20_000

func benchTable(b *testing.B, read func() (*table, error)) {
	c := example(b, "air-hourly")
	b.ReportAllocs()
	for b.Loop() {
		t, err := read()
		if err != nil {
			b.Fatal(err)
		}
		rd, err := newReader(c, t)
		if err != nil {
			b.Fatal(err)
		}
		for i := range t.rows {
			if _, ps := rd.read(&t.rows[i]); len(ps) > 0 {
				b.Fatal(ps)
			}
		}
	}
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkReadCSV reads and checks 20,000 rows of seven columns.
func BenchmarkReadCSV(b *testing.B) {
	var text bytes.Buffer
	text.WriteString("站点编码,监测时间,PM2.5,PM10,SO2,NO2,CO\n")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range benchRows {
		fmt.Fprintf(&text, "air-%d,%s,%d,60,8,31,0.7\n", i%40, at.Add(time.Duration(i)*time.Minute).Format("2006-01-02 15:04"), i%90)
	}
	c := example(b, "air-hourly")
	benchTable(b, func() (*table, error) { return readCSV(text.Bytes(), c, c.recognises) })
}

// BenchmarkReadXLSX reads and checks the same as a workbook, with real dates.
func BenchmarkReadXLSX(b *testing.B) {
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	row := func(i int, cells ...any) {
		if err := w.SetRow(fmt.Sprintf("A%d", i), cells); err != nil {
			b.Fatal(err)
		}
	}
	row(1, "站点编码", "监测时间", "PM2.5", "PM10", "SO2", "NO2", "CO")
	for i := range benchRows {
		row(i+2, fmt.Sprintf("air-%d", i%40), 46023+float64(i)/1440, i%90, 60, 8, 31, 0.7)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	var book bytes.Buffer
	if err := f.Write(&book); err != nil {
		b.Fatal(err)
	}
	c := example(b, "air-hourly")
	benchTable(b, func() (*table, error) { return readXLSX(book.Bytes(), c) })
}
