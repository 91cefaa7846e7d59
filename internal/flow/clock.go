package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecity/internal/audit"
	"onecity/internal/calendar"

	"github.com/jackc/pgx/v5"
)

// end is when the limit is over that began at since, and when the part warn of
// it is; ok is false for the zero Limit.
func (l Limit) end(c *calendar.Calendar, since time.Time, warn float64) (due, warnAt time.Time, ok bool) {
	part := func(d time.Duration) time.Duration { return time.Duration(float64(d) * warn) }
	switch {
	case l.Plain > 0:
		return micro(since.Add(l.Plain)), micro(since.Add(part(l.Plain))), true
	case l.Working > 0:
		return micro(c.Add(since, l.Working)), micro(c.Add(since, part(l.Working))), true
	case l.Days > 0:
		due := c.AddDays(since, l.Days)
		return micro(due), micro(c.Add(since, part(c.Between(since, due)))), true
	}
	return time.Time{}, time.Time{}, false
}

// wind sets an item's clock for the state that it has come into.
func (e *Engine) wind(it *Item, def StateDef) {
	it.Due, it.WarnAt, it.strikeAt = nil, nil, nil
	if def.Clock == nil {
		return
	}
	limit := def.Clock.Limit
	if def.Clock.For != nil {
		if own := def.Clock.For(*it); own != (Limit{}) {
			limit = own
		}
	}
	due, warn, ok := limit.end(e.opt.Calendar(), it.Since, def.Clock.Warn)
	if !ok {
		return
	}
	it.Due, it.strikeAt = &due, &due
	if def.Clock.Warn > 0 && warn.Before(due) {
		it.WarnAt, it.strikeAt = &warn, &warn
	}
}

// setClock has a job done when the item's clock strikes. The job knows the
// item's version: should it be done after the item has moved on, it does nothing.
func (e *Engine) setClock(ctx context.Context, tx pgx.Tx, it Item) (*int64, error) {
	if it.strikeAt == nil {
		return nil, nil
	}
	r, err := e.jobs.InsertTx(ctx, tx, strikeArgs{it.Machine, it.ID, it.Version}, clockJob(*it.strikeAt))
	if err != nil {
		return nil, fmt.Errorf("set the clock of %s %s: %w", it.Machine, it.ID, err)
	}
	return &r.Job.ID, nil
}

// strike does all that an item's clock has to do by now: it warns, finds the
// item overdue, escalates. It answers with the time of the next strike, zero
// when there is none. Doing it twice changes nothing.
func (e *Engine) strike(ctx context.Context, machine, id string, version int64) (next time.Time, err error) {
	err = e.Tx(ctx, func(tx pgx.Tx) error {
		it, err := load(ctx, tx, machine, id, true)
		if errors.Is(err, ErrUnknown) {
			return nil
		}
		if err != nil {
			return err
		}
		m, err := e.Machine(machine)
		if err != nil {
			return err
		}
		for it.Version == version && it.strikeAt != nil && !e.now().Before(*it.strikeAt) {
			if it, err = e.strikeOnce(ctx, tx, m, it); err != nil {
				return err
			}
		}
		if it.Version == version && it.strikeAt != nil {
			next = *it.strikeAt
		}
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("the clock of %s %s: %w", machine, id, err)
	}
	return next, nil
}

func (e *Engine) strikeOnce(ctx context.Context, tx pgx.Tx, m *Machine, it Item) (Item, error) {
	def, _ := m.state(it.State)
	clock := def.Clock
	if clock == nil { // the machine has lost it since
		clock = &Clock{}
	}
	at := *it.strikeAt
	record := Record{At: micro(e.now()), State: it.State, Version: it.Version, Actor: System().Subject}
	switch {
	case it.Due != nil && at.Before(*it.Due):
		it.strikeAt = it.Due
		record.Kind = KindWarning
		return it, e.struck(ctx, tx, m, it, record)
	case it.Due != nil && at.Equal(*it.Due):
		it.strikeAt = nil
		record.Kind, record.Level = KindOverdue, it.Level
		if err := e.struck(ctx, tx, m, it, record); err != nil {
			return it, err
		}
		if clock.Escalate != "" {
			moved, err := e.escalate(ctx, tx, it, clock.Escalate)
			if err == nil {
				return moved, nil
			}
			if !refusedByWork(err) {
				return it, err
			}
			record.Why = err.Error()
		}
	}
	it.Level++
	it.strikeAt = nil
	if clock.Again > 0 {
		again := at.Add(clock.Again)
		it.strikeAt = &again
	}
	record.Kind, record.Level = KindEscalation, it.Level
	if err := e.struck(ctx, tx, m, it, record); err != nil {
		return it, err
	}
	return it, e.opt.Audit(ctx, tx, audit.Entry{Actor: record.Actor, Action: m.Name + ".escalate", Object: it.ID, Region: it.Region,
		Org: it.Org, Why: record.Why, Outcome: audit.Done, Before: it.digest(), After: it.digest(),
		Detail: detail(map[string]any{"machine": m.Name, "state": it.State, "level": it.Level})})
}

// struck stores an item's clock and tells what it did.
func (e *Engine) struck(ctx context.Context, tx pgx.Tx, m *Machine, it Item, r Record) error {
	_, err := tx.Exec(ctx, `update flow.item set level = $3, strike_at = $4, strikes = strikes + 1 where machine = $1 and id = $2`,
		it.Machine, it.ID, it.Level, it.strikeAt)
	if err != nil {
		return err
	}
	if m.Struck != nil {
		if err := m.Struck(ctx, tx, e, it, r); err != nil {
			return fmt.Errorf("tell %s what the clock of %s did: %w", m.Name, it.ID, err)
		}
	}
	return tell(ctx, tx, it, r)
}

// escalate fires the clock's event; when that is refused, nothing of it stays.
func (e *Engine) escalate(ctx context.Context, tx pgx.Tx, it Item, event Event) (Item, error) {
	var moved Item
	err := pgx.BeginFunc(ctx, tx, func(sub pgx.Tx) error {
		var err error
		moved, err = e.FireTx(ctx, sub, System(), Command{Machine: it.Machine, ID: it.ID, Event: event, Version: it.Version})
		return err
	})
	return moved, err
}

// refusedByWork tells a transition that may not be from one that went wrong.
func refusedByWork(err error) bool {
	return errors.Is(err, ErrGuard) || errors.Is(err, ErrIncomplete) || errors.Is(err, ErrNotAllowed) || errors.Is(err, ErrNoSuchEvent)
}

// sweepBatch is how many items a sweep reads at once.
const sweepBatch = 200

// Sweep lets every clock strike that should have struck by now, and answers
// with how many items that were. It runs every minute as a job, in case a
// clock's own job was lost or the clock was set back; it may be called at any time.
func (e *Engine) Sweep(ctx context.Context) (int, error) {
	var troubles []error
	done := 0
	after := time.Time{}
	for {
		rows, err := e.pool.Query(ctx, `
			select machine, id, version, strike_at from flow.item
			where strike_at <= $1 and strike_at > $2 and machine = any($3) order by strike_at limit $4`,
			micro(e.now()), after, e.names(), sweepBatch)
		if err != nil {
			return done, errors.Join(append(troubles, fmt.Errorf("look for clocks that strike: %w", err))...)
		}
		type hit struct {
			Machine, ID string
			Version     int64
			At          time.Time
		}
		hits, err := pgx.CollectRows(rows, pgx.RowToStructByPos[hit])
		if err != nil {
			return done, errors.Join(append(troubles, fmt.Errorf("look for clocks that strike: %w", err))...)
		}
		for _, h := range hits {
			if _, err := e.strike(ctx, h.Machine, h.ID, h.Version); err != nil {
				troubles = append(troubles, err)
				continue
			}
			done++
		}
		if len(hits) < sweepBatch {
			return done, errors.Join(troubles...)
		}
		after = hits[len(hits)-1].At.Add(-time.Microsecond)
		if hits[0].At.Equal(hits[len(hits)-1].At) {
			after = hits[0].At // a whole batch of one instant: what failed of it waits for the next sweep
		}
	}
}
