package duty

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Put keeps where somebody was. Positions outside of the person's shifts are
// dropped; those that are here already change nothing.
func (s *Service) Put(ctx context.Context, subject string, told []Told, c Clock) (Taken, error) {
	taken := Taken{Skew: c.Skew()}
	if len(told) == 0 {
		return taken, nil
	}
	shifts, err := s.shifts(ctx, subject, s.Now().Add(-MaxLate-MaxShift))
	if err != nil {
		return taken, err
	}
	now := s.Now()
	for _, p := range told {
		f := Fix{Told: p, Doubtful: c.Doubtful()}
		f.Time = c.Right(p.Time)
		i := slices.IndexFunc(shifts, func(x Shift) bool { return within(x, f.Time, now) })
		if i < 0 || now.Sub(f.Time) > MaxLate {
			taken.Dropped++
			continue
		}
		f.Unit = shifts[i].Unit
		taken.Fixes = append(taken.Fixes, f)
		n, err := s.pool.Exec(ctx, `insert into duty.track (subject, told, at, received, unit, lon, lat, speed, heading, accuracy, doubtful)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing`,
			subject, p.Time.UTC().Truncate(time.Millisecond), f.Time, now, f.Unit, p.Lon, p.Lat, p.Speed, p.Heading, p.Accuracy, f.Doubtful)
		if err != nil {
			return taken, fmt.Errorf("keep a position: %w", err)
		}
		taken.New += int(n.RowsAffected())
	}
	slices.SortStableFunc(taken.Fixes, func(a, b Fix) int { return a.Time.Compare(b.Time) })
	return taken, nil
}

func within(x Shift, t, now time.Time) bool {
	end := x.Began.Add(MaxShift)
	if x.Ended != nil {
		end = *x.Ended
	} else if end.After(now) {
		end = now
	}
	return !t.Before(x.Began.Add(-grace)) && !t.After(end.Add(grace))
}

// shifts are those that began since, newest first.
func (s *Service) shifts(ctx context.Context, subject string, since time.Time) ([]Shift, error) {
	rows, err := s.pool.Query(ctx, `select `+shiftColumns+` from duty.shift where subject = $1 and began >= $2 order by began desc`, subject, since)
	if err == nil {
		var out []Shift
		if out, err = pgx.CollectRows(rows, scanShift); err == nil {
			return out, nil
		}
	}
	return nil, fmt.Errorf("list shifts: %w", err)
}

// Track is where somebody was in [from, to), in the order of time.
func (s *Service) Track(ctx context.Context, subject string, from, to time.Time) ([]Fix, error) {
	rows, err := s.pool.Query(ctx, `select at, lon, lat, speed, heading, accuracy, unit, doubtful from duty.track
		where subject = $1 and at >= $2 and at < $3 order by at limit 50000`, subject, from, to)
	if err == nil {
		var out []Fix
		if out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Fix, err error) {
			err = row.Scan(&f.Time, &f.Lon, &f.Lat, &f.Speed, &f.Heading, &f.Accuracy, &f.Unit, &f.Doubtful)
			return f, err
		}); err == nil {
			return out, nil
		}
	}
	return nil, fmt.Errorf("read a track: %w", err)
}

// Seconds is how long somebody was on duty in [from, to).
func (s *Service) Seconds(ctx context.Context, subject string, from, to time.Time) (time.Duration, error) {
	shifts, err := s.shifts(ctx, subject, from.Add(-MaxShift))
	if err != nil {
		return 0, err
	}
	now := s.Now()
	var sum time.Duration
	for _, x := range shifts {
		end := x.Began.Add(MaxShift)
		if x.Ended != nil {
			end = *x.Ended
		}
		begin := x.Began
		for _, limit := range []time.Time{to, now} {
			if end.After(limit) {
				end = limit
			}
		}
		if begin.Before(from) {
			begin = from
		}
		sum += max(0, end.Sub(begin))
	}
	return sum, nil
}
