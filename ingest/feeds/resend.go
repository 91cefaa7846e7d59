package feeds

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"onecity/ingest"
	"onecity/streams"
)

// Resend takes a row that was a dead letter and has been mended, on the same
// path as a delivery. mended is a JSON object: the cells by column name, or a
// GeoJSON feature; nil means the letter's own body. What is wrong with it still
// is in the Report; the letter stays where it is (Broker.Dig removes it).
func (s *Service) Resend(ctx context.Context, letter streams.DeadLetter, mended []byte) (Report, error) {
	id, ok := strings.CutPrefix(letter.Way, "feeds/")
	f := s.feeds[id]
	if !ok || f == nil {
		return Report{}, fmt.Errorf("resend a row of %q: %w", ingest.Shorten(letter.Way), ErrUnknownFeed)
	}
	if mended == nil {
		mended = letter.Body
	}
	f.turn.Lock()
	defer f.turn.Unlock()
	r := Report{Feed: id, File: letter.Source, Started: s.Gate.Now()}
	t, err := tableOfRow(mended, letter.Row)
	if err != nil {
		r.Rows, r.Rejected = 1, 1
		r.Problems = []ingest.Problem{*ingest.MalformedJSON("", mended, err)}
		r.Finished = s.Gate.Now()
		return r, nil
	}
	r.Format = t.format
	rd, err := newReader(f.Contract, t)
	if err != nil {
		r.Rows, r.Rejected, r.Error, r.Finished = 1, 1, err.Error(), s.Gate.Now()
		return r, nil
	}
	d := &delivery{reader: rd, gate: s.Gate, source: "/" + way(id), report: &r, keys: map[string]int{}}
	if err := d.take(ctx); err != nil {
		return r, fmt.Errorf("resend a row of %s: %w", id, err)
	}
	r.Finished = s.Gate.Now()
	return r, nil
}

// tableOfRow makes a table of one row.
func tableOfRow(body []byte, number int) (*table, error) {
	var cells map[string]json.RawMessage
	if err := json.Unmarshal(body, &cells); err != nil {
		return nil, err
	}
	if string(cells["type"]) == `"Feature"` {
		t := tableOfFeatures([]json.RawMessage{body})
		t.rows[0].number = number
		return t, nil
	}
	t := &table{format: "row", rows: []row{{number: number}}}
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		text, err := scalar(cells[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		t.header = append(t.header, head{path: []string{name}})
		t.rows[0].cells = append(t.rows[0].cells, text)
	}
	return t, nil
}
