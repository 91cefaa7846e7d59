package replay

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// row is one row of a recording: texts by column. Nested objects of NDJSON are
// flattened with dots.
type row struct {
	number int // from 1; a CSV's header is row 1
	cells  map[string]string
}

// maxLine is the longest line of NDJSON.
const maxLine = 1 << 20

// eachRow calls fn with every row of a CSV or NDJSON file; which it is, the
// first character tells. A row that cannot be read is told to bad.
func eachRow(r io.Reader, encoding string, fn func(row), bad func(number int, err error)) error {
	if encoding == "gb18030" {
		r = simplifiedchinese.GB18030.NewDecoder().Reader(r)
	}
	b := bufio.NewReaderSize(r, 1<<16)
	if mark, _ := b.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3) // it was peeked
	}
	first, err := b.Peek(1)
	if errors.Is(err, io.EOF) {
		return errors.New("the recording is empty")
	}
	if err != nil {
		return err
	}
	if first[0] == '{' {
		return eachObject(b, fn, bad)
	}
	return eachRecord(b, fn, bad)
}

func eachRecord(r io.Reader, fn func(row), bad func(int, error)) error {
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	header, err := c.Read()
	if err != nil {
		return fmt.Errorf("header row: %w", err)
	}
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = strings.TrimSpace(h)
	}
	for n := 2; ; n++ {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			bad(n, err)
			continue
		}
		if err != nil {
			return err
		}
		cells := make(map[string]string, len(names))
		for i, v := range record {
			if i < len(names) {
				cells[names[i]] = strings.TrimSpace(v)
			}
		}
		fn(row{n, cells})
	}
}

func eachObject(r io.Reader, fn func(row), bad func(int, error)) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; s.Scan(); n++ {
		line := bytes.TrimSpace(s.Bytes())
		if len(line) == 0 {
			continue
		}
		var v map[string]any
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			bad(n, err)
			continue
		}
		cells := make(map[string]string, len(v))
		flatten("", v, cells)
		fn(row{n, cells})
	}
	return s.Err()
}

func flatten(prefix string, v map[string]any, cells map[string]string) {
	for k, x := range v {
		switch x := x.(type) {
		case map[string]any:
			flatten(prefix+k+".", x, cells)
		case string:
			cells[prefix+k] = x
		case json.Number:
			cells[prefix+k] = x.String()
		case bool:
			cells[prefix+k] = strconv.FormatBool(x)
		case []any: // a pair of coordinates: place.0, place.1
			for i, e := range x {
				if n, ok := e.(json.Number); ok {
					cells[prefix+k+"."+strconv.Itoa(i)] = n.String()
				}
			}
		}
	}
}
