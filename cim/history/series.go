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
	streams, err := read(ctx, r, `
		select ds.id from devices d
		join properties p on p.name = $6
		join datastreams ds on ds.device = d.id and ds.property = p.id
		where d.id = $5 and `+seen("d.region", "d.grade"), x.args(clean(device), clean(string(p))), pgx.RowTo[int32])
	if err != nil {
		return nil, fmt.Errorf("read history: series of %s: %w", device, err)
	}
	if len(streams) == 0 {
		return nil, nil
	}
	return points(r.s.observed(ctx, `
		select `+stepOf("o.time", step, "$2")+` as step, avg(o.value), min(o.value), max(o.value), count(*)
		from observations o
		where o.stream = $1 and o.time >= $2 and o.time < $3
		group by 1 order by 1 limit $4`, streams[0], from, to, MaxPoints))("series of " + device)
}

// observed asks for observations by the numbers of their datastreams, which
// have come through the wall.
func (s *Store) observed(ctx context.Context, sql string, args ...any) ([]Point, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPoint)
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
	ps, err := points(read(ctx, r, `
		select m.minute, 0::float8, 0::float8, 0::float8, sum(m.count)::bigint
		from cell_minutes m join cells c on c.cell = m.cell
		where `+seen("c.region", "0")+` and m.minute >= $5 and m.minute < $6
		group by 1 order by 1 limit $7`, x.args(from, to, MaxPoints), scanPoint))("count observations")
	if err != nil || len(ps) == 0 {
		return nil, err
	}
	// What is hidden from the reader is asked for before the wall, to be taken off.
	hidden, err := points(r.s.observed(ctx, `
		select date_trunc('minute', o.time), 0::float8, 0::float8, 0::float8, count(*)
		from devices d
		join datastreams ds on ds.device = d.id
		join cells c on c.cell = ds.cell
		join observations o on o.stream = ds.id
		where d.grade > 0 and `+seen("c.region", "0")+` and not `+seen("c.region", "d.grade")+` and o.time >= $5 and o.time < $6
		group by 1`, x.args(from, to)...))("count observations of graded devices")
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

func scanPoint(row pgx.CollectableRow) (p Point, err error) {
	var n int64
	err = row.Scan(&p.Time, &p.Mean, &p.Min, &p.Max, &n)
	p.Count = uint64(n)
	return p, err
}

// points says of an error what was being read.
func points(ps []Point, err error) func(what string) ([]Point, error) {
	return func(what string) ([]Point, error) {
		if err != nil {
			return nil, fmt.Errorf("read history: %s: %w", what, err)
		}
		return ps, nil
	}
}
