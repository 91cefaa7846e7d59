package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Rewind sets the clocks anew of all items that are not yet overdue, and
// answers with how many have another deadline now. It is to be called when
// the calendar has changed: when a year's holidays are announced, deadlines
// that reach into that year move. An item whose new deadline is over already
// becomes overdue with the next sweep.
func (e *Engine) Rewind(ctx context.Context) (int, error) {
	moved := 0
	after := [2]string{}
	for {
		rows, err := e.pool.Query(ctx, `
			select machine, id from flow.item
			where open and waits and due is not null and strike_at <= due and machine = any($1) and (machine, id) > ($2, $3)
			order by machine, id limit $4`, e.names(), after[0], after[1], sweepBatch)
		if err != nil {
			return moved, fmt.Errorf("look for clocks to set: %w", err)
		}
		keys, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (k [2]string, err error) { return k, r.Scan(&k[0], &k[1]) })
		if err != nil {
			return moved, fmt.Errorf("look for clocks to set: %w", err)
		}
		for _, k := range keys {
			did, err := e.rewind(ctx, k[0], k[1])
			if err != nil {
				return moved, fmt.Errorf("set the clock of %s %s: %w", k[0], k[1], err)
			}
			if did {
				moved++
			}
		}
		if len(keys) < sweepBatch {
			return moved, nil
		}
		after = keys[len(keys)-1]
	}
}

func (e *Engine) rewind(ctx context.Context, machine, id string) (did bool, err error) {
	err = e.Tx(ctx, func(tx pgx.Tx) error {
		it, err := load(ctx, tx, machine, id, true)
		if err != nil {
			return err
		}
		m, err := e.Machine(machine)
		if err != nil {
			return err
		}
		def, _ := m.state(it.State)
		warned := it.strikeAt != nil && it.Due != nil && it.WarnAt != nil && it.strikeAt.Equal(*it.Due)
		over := it.strikeAt == nil || it.Due == nil || it.strikeAt.After(*it.Due)
		was := it.Due
		if e.wind(&it, def); over || same(was, it.Due) {
			return nil
		}
		if warned {
			it.strikeAt = it.Due // one warning is enough
		}
		did = true
		job, err := e.setClock(ctx, tx, it)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update flow.item set due = $3, warn_at = $4, strike_at = $5, clock_job = $6 where machine = $1 and id = $2`,
			it.Machine, it.ID, it.Due, it.WarnAt, it.strikeAt, job); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from flow.river_job where id = $1 and state in ('available', 'scheduled', 'retryable')`, it.clockJob)
		return err
	})
	return did, err
}

func same(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}
