package feeds

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxRows bounds a delivery; a department that has more delivers in parts.
const maxRows = 1_000_000

var errTooManyRows = fmt.Errorf("more than %d rows; deliver in parts", maxRows)

// readCSV reads RFC 4180 text. The header is the first row in which find
// recognises enough columns; what stands above it (titles, dates of issue) is
// passed over. A row with broken quotes is kept as a broken row.
func readCSV(data []byte, c *Contract, find finder) (*table, error) {
	text, name, err := decode(data, c.Encoding)
	if err != nil {
		return nil, err
	}
	t := &table{format: "csv", encoding: name}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	r.Comma = delimiter(text, c)
	rows, err := csvRows(r)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if i >= maxHeaderRow {
			break
		}
		heads := make([]head, len(rows[i].cells))
		for j, cell := range rows[i].cells {
			heads[j] = head{path: []string{strings.TrimSpace(cell)}, ref: cellName(j, rows[i].number)}
		}
		if find(heads) {
			t.header, t.rows = heads, rows[i+1:]
			return t, nil
		}
	}
	return nil, noHeader(c, rows)
}

// csvRows reads all rows, each with the number that a spreadsheet would show:
// the line it starts on, less the line ends within cells before it.
func csvRows(r *csv.Reader) (rows []row, err error) {
	extra := 0
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if len(rows) >= maxRows {
			return nil, errTooManyRows
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			rows = append(rows, row{number: broken.StartLine - extra, broken: broken.Err.Error(), cells: cells})
			extra += max(0, broken.Line-broken.StartLine)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read csv: %w", err)
		}
		line, _ := r.FieldPos(0)
		rows = append(rows, row{number: line - extra, cells: cells})
		for _, c := range cells {
			extra += strings.Count(c, "\n")
		}
	}
}

// delimiter is the contract's, or the one of , ; tab | that the first lines
// have most of, outside of quotes.
func delimiter(text []byte, c *Contract) rune {
	if d, _ := utf8.DecodeRuneInString(c.Delimiter); c.Delimiter != "" {
		return d
	}
	const candidates = ",;\t|"
	var count [len(candidates)]int
	quoted, lines := false, 0
	for _, b := range text[:min(len(text), 64<<10)] {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n':
			lines++
		default:
			if i := strings.IndexByte(candidates, b); i >= 0 {
				count[i]++
			}
		}
		if lines >= maxHeaderRow {
			break
		}
	}
	best := 0
	for i, n := range count {
		if n > count[best] {
			best = i
		}
	}
	return rune(candidates[best])
}
