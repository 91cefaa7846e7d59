package history

import (
	"context"
	"fmt"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
)

// Series is the course of one datastream from from on, before to, one point a
// step, oldest first; steps begin at from, and those without observations are
// left out. A step of 0 means every observation by itself. At most MaxPoints.
func (r Reader) Series(ctx context.Context, device string, p cim.Property, from, to time.Time, step time.Duration) ([]Point, error) {
	prefix, ok := r.within(cim.LayerDevices, "")
	if !ok {
		return nil, nil
	}
	rows, err := r.s.pool.Query(ctx, `
		select `+stepOf("o.time", step)+` as step, avg(o.value), min(o.value), max(o.value), count(*)
		from devices d
		join properties p on p.name = $2
		join datastreams ds on ds.device = d.id and ds.property = p.id
		join observations o on o.stream = ds.id
		where d.id = $1 and d.region like $3 and d.grade <= $4 and o.time >= $5 and o.time < $6
		group by 1 order by 1 limit $7`,
		clean(device), clean(string(p)), prefix, int16(r.scope.Grade), from, to, MaxPoints)
	return points(rows, err, "series of "+device)
}

// stepOf is the begin of the step that a time is in, aligned to $5; the step is
// a number of ours, in microseconds.
func stepOf(column string, step time.Duration) string {
	if step <= 0 {
		return column
	}
	return fmt.Sprintf("date_bin('%d microseconds', %s, $5)", max(step.Microseconds(), 1000), column)
}

// CellSeries is the course of a property in a cell of any resolution ≤
// geo.BaseResolution, over all devices in it; the contract of Series, with
// steps of whole minutes. What single devices of a higher grade said is in it.
func (r Reader) CellSeries(ctx context.Context, cell geo.Cell, p cim.Property, from, to time.Time, step time.Duration) ([]Point, error) {
	prefix, ok := r.within(cim.LayerCells, "")
	if !ok {
		return nil, nil
	}
	rows, err := r.s.pool.Query(ctx, `
		select `+stepOf("m.minute", max(step, time.Minute))+` as step,
			sum(m.sum) / sum(m.count), min(m.min), max(m.max), sum(m.count)::bigint
		from cells c
		join properties p on p.name = $2
		join cell_minutes m on m.cell = c.cell and m.property = p.id
		where c.cell = any($1) and c.region like $3 and $4::smallint >= 0 and m.minute >= $5 and m.minute < $6
		group by 1 order by 1 limit $7`,
		baseCells(cell), clean(string(p)), prefix, int16(r.scope.Grade), from, to, MaxPoints)
	return points(rows, err, "series of cell "+cell.String())
}

// ObservationCounts is how many observations were recorded in a region, by the
// minute of their phenomenon time, oldest first.
func (r Reader) ObservationCounts(ctx context.Context, region geo.Code, from, to time.Time) ([]Point, error) {
	prefix, ok := r.within(cim.LayerCells, region)
	if !ok {
		return nil, nil
	}
	rows, err := r.s.pool.Query(ctx, `
		select m.minute, sum(m.sum) / sum(m.count), min(m.min), max(m.max), sum(m.count)::bigint
		from cell_minutes m join cells c on c.cell = m.cell
		where c.region like $1 and m.minute >= $2 and m.minute < $3
		group by 1 order by 1 limit $4`, prefix, from, to, MaxPoints)
	ps, err := points(rows, err, "count observations")
	for i := range ps {
		// A mean over different properties says nothing.
		ps[i].Mean, ps[i].Min, ps[i].Max = 0, 0, 0
	}
	return ps, err
}

// baseCells are the base cells of a cell.
func baseCells(c geo.Cell) []int64 {
	if !c.Valid() || c.Resolution() > geo.BaseResolution {
		return nil
	}
	children := c.Children(geo.BaseResolution)
	cells := make([]int64, len(children))
	for i, b := range children {
		cells[i] = int64(b)
	}
	return cells
}

func points(rows pgx.Rows, err error, what string) ([]Point, error) {
	if err != nil {
		return nil, fmt.Errorf("read history: %s: %w", what, err)
	}
	ps, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Point, err error) {
		var n int64
		err = row.Scan(&p.Time, &p.Mean, &p.Min, &p.Max, &n)
		p.Count = uint64(n)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read history: %s: %w", what, err)
	}
	return ps, nil
}
