package feeds

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"onecity/ingest"
	"onecity/streams"

	"golang.org/x/sync/errgroup"
)

const (
	// chunk is how many rows are stored at once.
	chunk = 1000
	// maxBuried is how many bad rows of one delivery become dead letters. A
	// file that is worse than that is mended as a file; it is kept.
	maxBuried = 10_000
	// buriers is how many dead letters are stored at the same time.
	buriers = 8
	// maxLetter is the largest row that a dead letter keeps whole, and keepOfTooLarge
	// how much it keeps of a larger one, which no person mends by hand: one
	// quotation mark too many makes a cell of half a file. The file itself is kept.
	maxLetter      = 1 << 20
	keepOfTooLarge = 4 << 10
)

// badRow is a row that will be a dead letter.
type badRow struct {
	row *row
	why []ingest.Problem
}

// delivery is one table on its way in.
type delivery struct {
	*reader
	gate   *ingest.Gate
	source string // "/feeds/air-hourly"
	report *Report
	bad    []badRow
	keys   map[string]int // key → row number
}

// take stores the good rows and collects the bad ones. An error is the
// stream's: nothing is wrong with the delivery, and it must be tried again.
func (d *delivery) take(ctx context.Context) error {
	sink := d.sinkOf()
	size := max(1, min(chunk, ingest.MaxBatch/max(1, len(d.contract.Target.Values))))
	recs := make([]record, 0, size)
	flush := func() error {
		if len(recs) == 0 {
			return nil
		}
		bad, err := sink(ctx, d.gate, d.source, recs)
		if err != nil {
			return fmt.Errorf("store rows %d to %d: %w", recs[0].row.number, recs[len(recs)-1].row.number, err)
		}
		for i := range recs {
			if ps := bad[i]; len(ps) > 0 {
				d.refuse(recs[i].row, d.locateAll(recs[i].row, ps))
			}
		}
		d.report.Accepted += len(recs) - len(bad)
		recs = recs[:0]
		return nil
	}
	for i := range d.table.rows {
		r := &d.table.rows[i]
		if empty(r) {
			continue
		}
		d.report.Rows++
		rec, ps := d.read(r)
		if len(ps) == 0 {
			ps = d.twice(&rec)
		}
		if len(ps) > 0 {
			d.refuse(r, ps)
			continue
		}
		if recs = append(recs, rec); len(recs) == size {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// twice finds a row whose key was there before in the same delivery.
func (d *delivery) twice(rec *record) []ingest.Problem {
	key := d.keyOf(rec)
	first, there := d.keys[key]
	if !there {
		d.keys[key] = rec.row.number
		return nil
	}
	p := &ingest.Problem{Code: ingest.CodeDuplicate, Value: ingest.Shorten(key),
		Message:  fmt.Sprintf("主键与第 %[1]d 行重复 / the key is that of row %[1]d", first),
		Expected: "one row a key: " + strings.Join(d.contract.Key, ", ")}
	return []ingest.Problem{*d.locate(p, rec.row, d.contract.index(d.contract.Key[0]))}
}

// locateAll puts rows and cells into problems that came back from the Gate,
// whose Field is a column's name.
func (d *delivery) locateAll(r *row, ps []ingest.Problem) []ingest.Problem {
	for i := range ps {
		ps[i].Item = r.number
		column := d.contract.index(ps[i].Field)
		if column < 0 || d.table.format == "geojson" && d.binding.at[column] < 0 {
			ps[i].Field = "geometry" // the contract's columns of places, or none
			continue
		}
		d.locate(&ps[i], r, column)
	}
	return ps
}

func (d *delivery) refuse(r *row, ps []ingest.Problem) {
	d.report.Rejected++
	d.report.add(ps)
	if len(d.bad) < maxBuried {
		d.bad = append(d.bad, badRow{r, ps})
	}
}

// bury makes dead letters of the bad rows.
func (d *delivery) bury(ctx context.Context, bury func(context.Context, streams.DeadLetter) error) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(buriers)
	for _, b := range d.bad {
		work.Go(func() error {
			body, err := d.body(b.row)
			if err != nil {
				return err
			}
			if len(body) > maxLetter {
				body = body[:keepOfTooLarge]
			}
			why, err := json.Marshal(b.why[:min(len(b.why), ingest.MaxProblems)])
			if err != nil {
				return fmt.Errorf("encode the problems of row %d: %w", b.row.number, err)
			}
			return bury(ctx, streams.DeadLetter{
				At: d.report.Started, Way: way(d.contract.ID), Source: d.report.File, Row: b.row.number, Body: body, Why: why,
			})
		})
	}
	if err := work.Wait(); err != nil {
		return fmt.Errorf("bury %d rows: %w", len(d.bad), err)
	}
	return nil
}

func empty(r *row) bool {
	if r.broken != "" || r.place != nil {
		return false
	}
	for _, c := range r.cells {
		if strings.TrimFunc(c, space) != "" {
			return false
		}
	}
	return true
}

// way names a feed among the dead letters.
func way(feed string) string { return "feeds/" + feed }
