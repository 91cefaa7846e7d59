package duty

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of a Service.
type Options struct {
	// Register puts a person's own unit into the city's model; nil does nothing.
	// It is called again and again with the same.
	Register func(context.Context, Unit) error
	Now      func() time.Time // nil means time.Now
	Log      *slog.Logger     // nil means slog.Default()
}

// Service keeps shifts and tracks in one database. It is safe for concurrent
// use; Run ends what nobody ends.
type Service struct {
	Options
	pool *pgxpool.Pool
}

// Open brings the tables (schema duty) up to date.
func Open(ctx context.Context, pool *pgxpool.Pool, o Options) (*Service, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations of duty: %w", err)
	}
	if err := database.Migrate(ctx, pool, "duty", files); err != nil {
		return nil, err
	}
	if o.Register == nil {
		o.Register = func(context.Context, Unit) error { return nil }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Service{Options: o, pool: pool}, nil
}

const shiftColumns = `subject, unit, name, kind, home, began, ended, doubtful`

func scanShift(row pgx.CollectableRow) (s Shift, err error) {
	err = row.Scan(&s.Subject, &s.Unit, &s.Name, &s.Kind, &s.Home, &s.Began, &s.Ended, &s.Doubtful)
	return s, err
}

// Begin begins a shift of subject with u at the time that c says at is, and ends
// the one before. The same again, also after its end, is the same shift. A zero
// at is now. ErrTooLate, ErrTaken.
func (s *Service) Begin(ctx context.Context, subject string, u Unit, at time.Time, c Clock) (Shift, error) {
	told, began, err := s.when(at, c)
	if err != nil {
		return Shift{}, fmt.Errorf("begin a shift: %w", err)
	}
	if u.Own {
		if err := s.Register(ctx, u); err != nil {
			return Shift{}, fmt.Errorf("register unit %s: %w", u.ID, err)
		}
	}
	var out Shift
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// One at a time of each person and of each unit.
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended(x, 0)) from unnest($1::text[]) x order by x`,
			[]string{"duty/" + subject, "duty/" + u.ID}); err != nil {
			return err
		}
		before, err := one(tx.Query(ctx, `select `+shiftColumns+` from duty.shift where subject = $1 and unit = $4 and (told = $2 or $3 and ended is null)
			order by told = $2 desc limit 1`, subject, told, at.IsZero(), u.ID))
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			out = before
			return err
		}
		var taken bool
		if err := tx.QueryRow(ctx, `select exists (select from duty.shift where unit = $1 and subject <> $2 and ended is null and began > $3)`,
			u.ID, subject, s.Now().Add(-MaxShift)).Scan(&taken); err != nil {
			return err
		}
		if taken && !u.Own {
			return ErrTaken
		}
		if _, err := tx.Exec(ctx, `update duty.shift set ended = greatest(began, $2) where subject = $1 and ended is null`, subject, began); err != nil {
			return err
		}
		out, err = one(tx.Query(ctx, `insert into duty.shift (subject, unit, name, kind, home, told, began, doubtful)
			values ($1, $2, $3, $4, $5, $6, $7, $8) returning `+shiftColumns, subject, u.ID, u.Name, u.Kind, u.Home, told, began, c.Doubtful()))
		return err
	})
	if err != nil {
		return Shift{}, fmt.Errorf("begin a shift: %w", err)
	}
	return out, nil
}

func one(rows pgx.Rows, err error) (Shift, error) {
	if err != nil {
		return Shift{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanShift)
}

// when is a time that was told, as it was and by our clock.
func (s *Service) when(at time.Time, c Clock) (told, right time.Time, err error) {
	now := s.Now().UTC().Truncate(time.Microsecond)
	if at.IsZero() {
		return now, now, nil
	}
	told = at.UTC().Truncate(time.Microsecond)
	right = c.Right(told)
	if now.Sub(right) > MaxLate {
		return told, right, ErrTooLate
	}
	return told, right, nil
}

// End ends the shift that was on at that time (zero: now); it is no error when
// there is none. The shift that it has ended is returned, if there was one.
func (s *Service) End(ctx context.Context, subject string, at time.Time, c Clock) (*Shift, error) {
	_, end, err := s.when(at, c)
	if err != nil {
		return nil, fmt.Errorf("end a shift: %w", err)
	}
	ended, err := one(s.pool.Query(ctx, `update duty.shift set ended = greatest(began, $2::timestamptz), doubtful = doubtful or $3
		where subject = $1 and ended is null and began <= $2::timestamptz + interval '1 minute' returning `+shiftColumns, subject, end, c.Doubtful()))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("end a shift: %w", err)
	}
	return &ended, nil
}

// On is the shift that somebody is on; nil is none.
func (s *Service) On(ctx context.Context, subject string) (*Shift, error) {
	found, err := one(s.pool.Query(ctx, `select `+shiftColumns+` from duty.shift where subject = $1 and ended is null and began > $2`,
		subject, s.Now().Add(-MaxShift)))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("find a shift: %w", err)
	}
	return &found, nil
}

// OnDuty are the units that somebody is on duty with, and may act for.
func (s *Service) OnDuty(ctx context.Context, subject string) ([]string, error) {
	on, err := s.On(ctx, subject)
	if err != nil || on == nil {
		return nil, err
	}
	return []string{on.Unit}, nil
}

// Everybody are all shifts that are on now, by unit.
func (s *Service) Everybody(ctx context.Context) ([]Shift, error) {
	rows, err := s.pool.Query(ctx, `select `+shiftColumns+` from duty.shift where ended is null and began > $1 order by unit, began`, s.Now().Add(-MaxShift))
	if err == nil {
		var out []Shift
		if out, err = pgx.CollectRows(rows, scanShift); err == nil {
			return out, nil
		}
	}
	return nil, fmt.Errorf("list who is on duty: %w", err)
}

// Run ends the shifts that nobody ends and drops old positions, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("old shifts and positions were not swept", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Sweep ends what nobody ends and drops old positions.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now()
	if _, err := s.pool.Exec(ctx, `update duty.shift set ended = began + $2::interval, doubtful = true where ended is null and began < $1`, now.Add(-MaxShift), MaxShift); err != nil {
		return fmt.Errorf("end old shifts: %w", err)
	}
	if _, err := s.pool.Exec(ctx, `delete from duty.track where at < $1`, now.Add(-KeepTrack)); err != nil {
		return fmt.Errorf("drop old positions: %w", err)
	}
	return nil
}
