package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
)

// CellSeries is the course of a property in a cell of any resolution ≤
// geo.BaseResolution, over the devices in it; the contract of Series, with
// steps of whole minutes. Devices graded above what the scope sees of cells
// there are in it where there are enough of them, by the rule of the model
// (package cim's documentation): of those that stand there now.
func (r Reader) CellSeries(ctx context.Context, cell geo.Cell, p cim.Property, from, to time.Time, step time.Duration) ([]Point, error) {
	x, ok := r.reach(cim.LayerCells, "")
	if !ok {
		return nil, nil
	}
	what := "series of cell " + cell.String()
	cells := baseCells(cell)
	step = max(step, time.Minute)
	var top int16
	err := r.s.pool.QueryRow(ctx, `
		select coalesce(max(d.grade), 0) from properties p
		join datastreams ds on ds.property = p.id join devices d on d.id = ds.device
		where p.name = $1 and d.grade > 0`, clean(string(p))).Scan(&top)
	if err != nil {
		return nil, fmt.Errorf("read history: %s: %w", what, err)
	}
	lowest := x.grade
	for _, g := range x.grades {
		lowest = min(lowest, g)
	}
	if top <= lowest { // nothing is hidden, now or before
		return points(read(ctx, r, `
			select `+stepOf("m.minute", step, "$5")+` as step,
				sum(m.sum) / sum(m.count), min(m.min), max(m.max), sum(m.count)::bigint
			from cells c
			join properties p on p.name = $9
			join cell_minutes m on m.cell = c.cell and m.property = p.id
			where c.cell = any($8) and `+seen("c.region", "0")+` and m.minute >= $5 and m.minute < $6
			group by 1 order by 1 limit $7`, x.args(from, to, MaxPoints, cells, clean(string(p))), scanPoint))(what)
	}
	streams, err := r.streamsIn(ctx, cell, p)
	if err != nil || len(streams) == 0 {
		return nil, err
	}
	// Of datastreams that the reader is told of together.
	return points(r.s.observed(ctx, `
		select `+stepOf("date_trunc('minute', o.time)", step, "$2")+` as step,
			avg(o.value), min(o.value), max(o.value), count(*)
		from observations o
		where o.stream = any($1) and o.time >= $2 and o.time < $3
		group by 1 order by 1 limit $4`, streams, from, to, MaxPoints))(what)
}

// standingStream is a datastream with where it stands.
type standingStream struct {
	id     int32
	grade  cim.Grade
	region geo.Code // the device's
	cell   geo.Cell
	centre geo.Code // the region of the cell's centre
}

// streamsIn are the datastreams of a property in a cell of which the reader is
// told.
func (r Reader) streamsIn(ctx context.Context, cell geo.Cell, p cim.Property) ([]int32, error) {
	rows, err := r.s.pool.Query(ctx, `
		select ds.id, d.grade, d.region, c.cell, c.region
		from properties p
		join datastreams ds on ds.property = p.id
		join devices d on d.id = ds.device
		join cells c on c.cell = ds.cell
		where p.name = $1 and ds.cell = any($2) order by ds.id`, clean(string(p)), baseCells(cell))
	if err != nil {
		return nil, fmt.Errorf("read history: datastreams in %s: %w", cell, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s standingStream, err error) {
		var grade int16
		var at int64
		err = row.Scan(&s.id, &grade, &s.region, &at, &s.centre)
		s.grade, s.cell = cim.Grade(grade), geo.Cell(at)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("read history: datastreams in %s: %w", cell, err)
	}
	privacy, _, err := loadPrivacy(ctx, r.s.pool)
	if err != nil {
		return nil, err
	}
	return told(r.scope, all, cell.Resolution(), privacy), nil
}

// told are the streams that a scope is told of in a cell of that resolution
// which holds all.
func told(scope cim.Scope, all []standingStream, res int, p cim.Privacy) (ids []int32) {
	var left []standingStream
	for _, s := range all {
		switch level, ok := scope.Level(cim.LayerCells, s.centre); {
		case ok && s.grade <= level:
			ids = append(ids, s.id)
		case s.grade > 0:
			left = append(left, s)
		}
	}
	return append(ids, groups(scope, all, left, res, p)...)
}

// groups are the hidden streams among all that are told of together: those that
// are enough in a base cell, else with what is left in the cell around it. All
// of a grade make the groups, whoever may see them in detail.
func groups(scope cim.Scope, all, hidden []standingStream, res int, p cim.Privacy) (ids []int32) {
	isHidden := make(map[int32]bool, len(hidden))
	for _, s := range hidden {
		isHidden[s.id] = true
	}
	left := slices.DeleteFunc(slices.Clone(all), func(s standingStream) bool { return s.grade == 0 })
	for at := geo.BaseResolution; at >= res; at-- {
		slices.SortStableFunc(left, func(a, b standingStream) int {
			return cmp.Or(cmp.Compare(a.grade, b.grade), cmp.Compare(a.cell.Parent(at), b.cell.Parent(at)))
		})
		var rest []standingStream
		for len(left) > 0 {
			n := 1
			for n < len(left) && left[n].grade == left[0].grade && left[n].cell.Parent(at) == left[0].cell.Parent(at) {
				n++
			}
			group := left[:n]
			left = left[n:]
			if !p.Enough(n) {
				rest = append(rest, group...)
				continue
			}
			if _, alike := scope.Alike(cover(group)); alike && isHidden[group[0].id] {
				for _, s := range group {
					ids = append(ids, s.id)
				}
			}
		}
		left = rest
	}
	return ids
}

// cover is what the codes of all places of a group start with.
func cover(group []standingStream) geo.Code {
	c := group[0].centre
	for _, s := range group {
		for !c.Contains(s.centre) || !c.Contains(s.region) {
			c = c[:len(c)-1]
		}
	}
	return c
}
