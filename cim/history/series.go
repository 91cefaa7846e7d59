package history

import (
	"context"
	"fmt"
	"slices"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
)

// Series is the course of one datastream from from on, before to, one point a
// step, oldest first; steps begin at from, and those without observations are
// left out. A step of 0 means every observation by itself. At most MaxPoints.
func (r Reader) Series(ctx context.Context, device string, p cim.Property, from, to time.Time, step time.Duration) ([]Point, error) {
	x, ok := r.reach(cim.LayerDevices, "")
	if !ok {
		return nil, nil
	}
	rows, err := r.s.pool.Query(ctx, `
		select `+stepOf("o.time", step, "$5")+` as step, avg(o.value), min(o.value), max(o.value), count(*)
		from devices d
		join properties p on p.name = $9
		join datastreams ds on ds.device = d.id and ds.property = p.id
		join observations o on o.stream = ds.id
		where d.id = $8 and `+seen("d.region", "d.grade")+` and o.time >= $5 and o.time < $6
		group by 1 order by 1 limit $7`, x.args(from, to, MaxPoints, clean(device), clean(string(p)))...)
	return points(rows, err, "series of "+device)
}

// stepOf is the begin of the step that a time is in, aligned to the argument
// from; the step is a number of ours, in microseconds.
func stepOf(column string, step time.Duration, from string) string {
	if step <= 0 {
		return column
	}
	return fmt.Sprintf("date_bin('%d microseconds', %s, %s)", max(step.Microseconds(), 1000), column, from)
}

// ObservationCounts is how many observations were recorded in a region, by the
// minute of their phenomenon time, oldest first; of devices that the reader may
// not see none are counted.
func (r Reader) ObservationCounts(ctx context.Context, region geo.Code, from, to time.Time) ([]Point, error) {
	x, ok := r.reach(cim.LayerCells, region)
	if !ok {
		return nil, nil
	}
	rows, err := r.s.pool.Query(ctx, `
		select m.minute, 0::float8, 0::float8, 0::float8, sum(m.count)::bigint
		from cell_minutes m join cells c on c.cell = m.cell
		where `+seen("c.region", "0")+` and m.minute >= $5 and m.minute < $6
		group by 1 order by 1 limit $7`, x.args(from, to, MaxPoints)...)
	ps, err := points(rows, err, "count observations")
	if err != nil || len(ps) == 0 {
		return nil, err
	}
	rows, err = r.s.pool.Query(ctx, `
		select date_trunc('minute', o.time), 0::float8, 0::float8, 0::float8, count(*)
		from devices d
		join datastreams ds on ds.device = d.id
		join cells c on c.cell = ds.cell
		join observations o on o.stream = ds.id
		where d.grade > 0 and `+seen("c.region", "0")+` and not `+seen("c.region", "d.grade")+` and o.time >= $5 and o.time < $6
		group by 1`, x.args(from, to)...)
	hidden, err := points(rows, err, "count observations of graded devices")
	if err != nil || len(hidden) == 0 {
		return ps, err
	}
	less := make(map[int64]uint64, len(hidden))
	for _, p := range hidden {
		less[p.Time.Unix()] = p.Count
	}
	ps = slices.DeleteFunc(ps, func(p Point) bool { return p.Count <= less[p.Time.Unix()] })
	for i := range ps {
		ps[i].Count -= less[ps[i].Time.Unix()]
	}
	return ps, nil
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
