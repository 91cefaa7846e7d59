package history

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// span is how much time one partition of a table holds.
type span uint8

const (
	day   span = iota // UTC
	month             // UTC
)

// partitioned are the tables that are partitioned by time, in UTC.
var partitioned = map[string]span{
	"observations": day,
	"unit_tracks":  day,
	"cell_minutes": day,
	"cell_states":  month,
	"indicators":   month,
}

// Retention says for how long the rows of a table are kept, by table. A whole
// partition goes at a time: a day of observations, unit_tracks and
// cell_minutes, a month of cell_states and indicators.
type Retention map[string]time.Duration

// Keep is the usual retention.
func Keep() Retention {
	const days = 24 * time.Hour
	return Retention{
		"observations": 90 * days,
		"unit_tracks":  90 * days,
		"cell_minutes": 366 * days,
		"cell_states":  366 * days,
		"indicators":   2 * 366 * days,
	}
}

// begin is the begin of the partition that holds t.
func (s span) begin(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	if s == month {
		d = 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (s span) next(t time.Time) time.Time {
	if s == month {
		return t.AddDate(0, 1, 0)
	}
	return t.AddDate(0, 0, 1)
}

// suffixes name partitions: observations_20260304, cell_states_202603.
func (s span) layout() string {
	if s == month {
		return "200601"
	}
	return "20060102"
}

// partitions knows which partitions there are.
type partitions struct{ have map[string]bool }

func loadPartitions(ctx context.Context, q querier) (*partitions, error) {
	rows, err := q.Query(ctx, `
		select c.relname from pg_inherits i
		join pg_class c on c.oid = i.inhrelid
		join pg_class p on p.oid = i.inhparent
		where p.relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return nil, fmt.Errorf("list partitions: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list partitions: %w", err)
	}
	p := &partitions{have: make(map[string]bool, len(names))}
	for _, n := range names {
		p.have[n] = true
	}
	return p, nil
}

// need makes the partition of table that holds t, if it is not there. made are
// names that count only once the transaction has committed.
func (p *partitions) need(ctx context.Context, q querier, table string, t time.Time) error {
	s := partitioned[table]
	from := s.begin(t)
	name := table + "_" + from.Format(s.layout())
	if p.have[name] {
		return nil
	}
	// All parts of the statement are ours.
	_, err := q.Exec(ctx, fmt.Sprintf("create table if not exists %s partition of %s for values from ('%s') to ('%s')",
		name, table, from.Format(time.RFC3339), s.next(from).Format(time.RFC3339)))
	if err != nil {
		return fmt.Errorf("make partition %s: %w", name, err)
	}
	p.have[name] = true
	return nil
}

// ahead makes the partitions that will be needed soon.
func (p *partitions) ahead(ctx context.Context, q querier, now time.Time) error {
	for table, s := range partitioned {
		for t, n := s.begin(now), 0; n < 3; t, n = s.next(t), n+1 {
			if err := p.need(ctx, q, table, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// drop removes the partitions that hold nothing to keep any more.
func (p *partitions) drop(ctx context.Context, q querier, now time.Time, keep Retention) (dropped []string, err error) {
	for name := range p.have {
		table, from, ok := parsePartition(name)
		if !ok || keep[table] <= 0 {
			continue
		}
		if end := partitioned[table].next(from); end.After(now.Add(-keep[table])) {
			continue
		}
		if _, err := q.Exec(ctx, "drop table if exists "+name); err != nil {
			return dropped, fmt.Errorf("drop partition %s: %w", name, err)
		}
		delete(p.have, name)
		dropped = append(dropped, name)
	}
	return dropped, nil
}

// parsePartition is the inverse of a partition's name.
func parsePartition(name string) (table string, from time.Time, ok bool) {
	i := strings.LastIndexByte(name, '_')
	if i < 0 {
		return "", time.Time{}, false
	}
	s, ok := partitioned[name[:i]]
	if !ok {
		return "", time.Time{}, false
	}
	from, err := time.Parse(s.layout(), name[i+1:])
	return name[:i], from, err == nil
}
