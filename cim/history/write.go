package history

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// staging are this session's own tables, without WAL, that rows are copied to
// before they are inserted: COPY itself knows no ON CONFLICT.
const staging = `
create temp table stage_observations (stream integer, time timestamptz, value double precision) on commit delete rows;
create temp table stage_tracks (like unit_tracks) on commit delete rows;
create temp table stage_indicators (like indicators) on commit delete rows;
create temp table stage_objects (like objects) on commit delete rows;
`

// insertObservations puts in what is new and adds exactly that to its cells'
// minutes.
const insertObservations = `
with fresh as (
	insert into observations (stream, time, value)
	select stream, time, value from stage_observations
	on conflict do nothing
	returning stream, time, value
)
insert into cell_minutes as m (cell, property, minute, count, sum, min, max)
select d.cell, d.property, date_trunc('minute', f.time), count(*), sum(f.value), min(f.value), max(f.value)
from fresh f join datastreams d on d.id = f.stream
group by 1, 2, 3
on conflict (cell, property, minute) do update set
	count = m.count + excluded.count, sum = m.sum + excluded.sum,
	min = least(m.min, excluded.min), max = greatest(m.max, excluded.max)`

const insertTracks = `
insert into unit_tracks select * from stage_tracks on conflict do nothing`

const insertIndicators = `
insert into indicators select * from stage_indicators on conflict do nothing`

// upsertIncident keeps the highest version, like the model.
const upsertIncident = `
insert into incidents as i (id, version, class, status, severity, reported, due, closed, unit, region, cell, grade, record, seq)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (id) do update set
	version = excluded.version, class = excluded.class, status = excluded.status, severity = excluded.severity,
	reported = excluded.reported, due = excluded.due, closed = excluded.closed, unit = excluded.unit,
	region = excluded.region, cell = excluded.cell, grade = excluded.grade, record = excluded.record, seq = excluded.seq
where excluded.version > i.version`

const insertStep = `
insert into incident_steps (id, version, at, status, unit, note) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`

// writer writes batches over one connection.
type writer struct {
	conn *pgx.Conn
	cat  *catalog
	buf  copyBuffer
}

// write writes the batch and moves the position, in one transaction.
func (w *writer) write(ctx context.Context, from position, b *batch) error {
	return pgx.BeginFunc(ctx, w.conn, func(tx pgx.Tx) error {
		if err := w.stand(ctx, tx, b); err != nil {
			return err
		}
		if err := w.happen(ctx, tx, b); err != nil {
			return err
		}
		return from.move(ctx, tx, b.to)
	})
}

// happen writes what happened.
func (w *writer) happen(ctx context.Context, tx pgx.Tx, b *batch) error {
	if err := w.observations(ctx, tx, b); err != nil {
		return err
	}
	if err := w.tracks(ctx, tx, b.tracks); err != nil {
		return err
	}
	if err := w.indicators(ctx, tx, b.indicators); err != nil {
		return err
	}
	return w.incidents(ctx, tx, b.incidents)
}

func (w *writer) observations(ctx context.Context, tx pgx.Tx, b *batch) error {
	if len(b.observations) == 0 {
		return nil
	}
	b.tidy()
	w.buf.reset()
	n := needs{w: w, tx: tx}
	for _, o := range b.observations {
		n.at(ctx, "observations", o.ms)
		n.at(ctx, "cell_minutes", o.ms)
		w.buf.row(3)
		w.buf.int4(o.stream)
		w.buf.millis(o.ms)
		w.buf.float8(o.value)
	}
	return w.stage(ctx, tx, n.err, "stage_observations", insertObservations)
}

func (w *writer) tracks(ctx context.Context, tx pgx.Tx, ts []track) error {
	if len(ts) == 0 {
		return nil
	}
	w.buf.reset()
	n := needs{w: w, tx: tx}
	for i := range ts {
		t := &ts[i]
		n.at(ctx, "unit_tracks", t.ms)
		w.buf.row(8)
		w.buf.int4(t.unit)
		w.buf.millis(t.ms)
		w.buf.float8(t.position.Lon)
		w.buf.float8(t.position.Lat)
		w.buf.float4(t.position.Speed)
		w.buf.float4(t.position.Heading)
		w.buf.text(t.position.Status)
		w.buf.text(t.region)
	}
	return w.stage(ctx, tx, n.err, "stage_tracks", insertTracks)
}

func (w *writer) indicators(ctx context.Context, tx pgx.Tx, in []indicator) error {
	if len(in) == 0 {
		return nil
	}
	w.buf.reset()
	n := needs{w: w, tx: tx}
	for i := range in {
		v := &in[i]
		n.at(ctx, "indicators", v.ms)
		w.buf.row(9)
		w.buf.text(v.Feed)
		w.buf.text(v.Key)
		w.buf.text(v.Name)
		w.buf.millis(v.ms)
		w.buf.float8(v.Value)
		w.buf.text(v.Unit)
		w.buf.float8(v.Lon)
		w.buf.float8(v.Lat)
		w.buf.int8(v.cell)
	}
	return w.stage(ctx, tx, n.err, "stage_indicators", insertIndicators)
}

// needs makes the partitions of a batch's rows, asking once a partition.
type needs struct {
	w    *writer
	tx   pgx.Tx
	seen map[string][2]int64 // the last partition asked for, by table, in ms
	err  error
}

func (n *needs) at(ctx context.Context, table string, ms int64) {
	if r, ok := n.seen[table]; n.err != nil || ok && r[0] <= ms && ms < r[1] {
		return
	}
	s := partitioned[table]
	from := s.begin(time.UnixMilli(ms))
	if n.seen == nil {
		n.seen = map[string][2]int64{}
	}
	n.seen[table] = [2]int64{from.UnixMilli(), s.next(from).UnixMilli()}
	n.err = n.w.cat.parts.need(ctx, n.tx, table, from)
}

// stage copies what is in the buffer and inserts it from there.
func (w *writer) stage(ctx context.Context, tx pgx.Tx, err error, table, insert string) error {
	if err != nil {
		return err
	}
	if err := w.buf.copyTo(ctx, w.conn, table); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, insert); err != nil {
		return fmt.Errorf("insert from %s: %w", table, err)
	}
	return nil
}

func (w *writer) incidents(ctx context.Context, tx pgx.Tx, ins []incident) error {
	if len(ins) == 0 {
		return nil
	}
	var q pgx.Batch
	for i := range ins {
		in := &ins[i]
		cell, ok := cellAt(in.Lon, in.Lat)
		if !ok || in.ID == "" {
			continue // the model does not take it either
		}
		in.Region = w.cat.regionAt(in.Lon, in.Lat)
		record, err := json.Marshal(in.Incident)
		if err != nil {
			continue // a year that no calendar has
		}
		q.Queue(upsertIncident, clean(in.ID), int64(in.Version), clean(in.Class), clean(string(in.Status)), int16(in.Severity),
			in.Reported, timeOrNull(in.Due), timeOrNull(in.Closed), clean(in.Unit), string(in.Region), int64(cell),
			int16(in.Grade), cleanJSON(record), int64(in.seq))
		at := in.Updated
		if at.IsZero() {
			at = in.at
		}
		q.Queue(insertStep, clean(in.ID), int64(in.Version), at, clean(string(in.Status)), clean(in.Unit), clean(in.Note))
	}
	if err := tx.SendBatch(ctx, &q).Close(); err != nil {
		return fmt.Errorf("write %d incidents: %w", len(ins), err)
	}
	return nil
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
