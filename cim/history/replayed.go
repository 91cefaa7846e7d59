package history

import (
	"context"
	"fmt"
	"time"

	"onecity/cim"

	"github.com/jackc/pgx/v5"
)

// slice of time that is read, and sorted, at once.
const slice = time.Hour

// Observations calls fn with what the devices observed of a property ("" is
// all) from from on, before to: all of them together, oldest first, some
// thousand at a time. The list is fn's only while it runs. Where there seem to be more
// than most (0 is no limit), only the lowest and the highest of each minute and
// datastream are given, at the minute's first and last moment of observation,
// and thinned is true.
func (r Reader) Observations(ctx context.Context, devices []string, p cim.Property, from, to time.Time, most int, fn func([]cim.Observation) error) (thinned bool, err error) {
	x, ok := r.reach(cim.LayerDevices, "")
	if !ok {
		return false, nil
	}
	type datastream struct {
		id       int32
		device   string
		property string
	}
	streams, err := read(ctx, r, `
		select ds.id, d.id, p.name from devices d
		join datastreams ds on ds.device = d.id
		join properties p on p.id = ds.property
		where d.id = any($5) and ($6 = '' or p.name = $6) and `+seen("d.region", "d.grade"), x.args(cleaned(devices), clean(string(p))),
		func(row pgx.CollectableRow) (s datastream, err error) {
			err = row.Scan(&s.id, &s.device, &s.property)
			return s, err
		})
	if err != nil {
		return false, fmt.Errorf("read history: datastreams: %w", err)
	}
	if len(streams) == 0 {
		return false, nil
	}
	ids, byID := make([]int32, len(streams)), make(map[int32]datastream, len(streams))
	for i, s := range streams {
		ids[i], byID[s.id] = s.id, s
	}
	if thinned, err = r.s.tooMany(ctx, ids, from, to, most); err != nil {
		return false, err
	}
	sql := "select stream, time, value from observations where stream = any($1) and time >= $2 and time < $3 order by time, stream"
	if thinned {
		// Once where a minute has one value.
		sql = `with m as (select stream, min(time) as begins, max(time) as ends, min(value) as low, max(value) as high
			from observations where stream = any($1) and time >= $2 and time < $3 group by stream, date_bin('1 minute', time, $2))
			select stream, begins, low from m union all select stream, ends, high from m where ends > begins order by 2, 1`
	}
	batch := make([]cim.Observation, 0, 4096)
	for begin := from; begin.Before(to); begin = begin.Add(slice) {
		end := begin.Add(slice)
		if end.After(to) {
			end = to
		}
		err := r.s.each(ctx, sql, func(rows pgx.Rows) error {
			var id int32
			var o cim.Observation
			if err := rows.Scan(&id, &o.Time, &o.Value); err != nil {
				return err
			}
			s := byID[id]
			o.Device, o.Property = s.device, cim.Property(s.property)
			if batch = append(batch, o); len(batch) < cap(batch) {
				return nil
			}
			err := fn(batch)
			batch = batch[:0]
			return err
		}, ids, begin, end)
		if err != nil {
			return false, fmt.Errorf("read history: observations: %w", err)
		}
	}
	if len(batch) == 0 {
		return thinned, nil
	}
	return thinned, fn(batch)
}

// Positions calls fn with where the units were from from on, before to: all
// of them together, oldest first; only places within the scope. The list is
// fn's only while it runs.
func (r Reader) Positions(ctx context.Context, units []string, from, to time.Time, fn func([]cim.Position) error) error {
	x, ok := r.reach(cim.LayerUnits, "")
	if !ok {
		return nil
	}
	for begin := from; begin.Before(to); begin = begin.Add(slice) {
		end := begin.Add(slice)
		if end.After(to) {
			end = to
		}
		list, err := read(ctx, r, `
			select u.id, t.time, t.lon, t.lat, t.speed, t.heading, t.status
			from units u join unit_tracks t on t.unit = u.n
			where u.id = any($5) and `+seen("t.region", "u.grade")+` and t.time >= $6 and t.time < $7
			order by t.time, u.id`, x.args(cleaned(units), begin, end), pgx.RowToStructByPos[cim.Position])
		if err != nil {
			return fmt.Errorf("read history: tracks: %w", err)
		}
		if len(list) == 0 {
			continue
		}
		if err := fn(list); err != nil {
			return err
		}
	}
	return nil
}

// tooMany judges by the last slice how many observations there are.
func (s *Store) tooMany(ctx context.Context, ids []int32, from, to time.Time, most int) (bool, error) {
	if most <= 0 {
		return false, nil
	}
	begin := from
	if last := to.Add(-slice); last.After(from) {
		begin = last
	}
	var n int64
	err := s.pool.QueryRow(ctx, "select count(*) from observations where stream = any($1) and time >= $2 and time < $3", ids, begin, to).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("read history: count observations: %w", err)
	}
	return float64(n)*(to.Sub(from).Seconds()/to.Sub(begin).Seconds()) > float64(most), nil
}

// each calls fn with every row.
func (s *Store) each(ctx context.Context, sql string, fn func(pgx.Rows) error, args ...any) error {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func cleaned(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}
