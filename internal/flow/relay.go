package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// relayBatch is how many messages are handed over in one transaction.
	relayBatch = 256
	// relayPoll is how soon messages are seen that a transaction of the
	// caller's own, or another process that has ended, has left.
	relayPoll = 200 * time.Millisecond
	// relayRetry is how long a broker that does not answer is left alone; it
	// doubles up to relayRetryMost.
	relayRetry     = 100 * time.Millisecond
	relayRetryMost = 10 * time.Second
	// relaying keeps the relays of several processes from mixing their messages.
	relaying = 0x666c6f77_0002
)

// relay hands the outbox to the broker until ctx ends.
func (e *Engine) relay(ctx context.Context) {
	retry := relayRetry
	for {
		n, err := e.Drain(ctx)
		if ctx.Err() != nil {
			return
		}
		pause, wake := relayPoll, e.wake
		if err == nil {
			retry = relayRetry
		} else {
			e.log.Error("The outbox cannot be handed over; trying again", "handed", n, "after", retry, "error", err)
			pause, wake = retry, nil // more to hand over does not mend the broker
			retry = min(2*retry, relayRetryMost)
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-time.After(pause):
		}
	}
}

// Drain hands everything in the outbox to Publish, in the order of the rows,
// and answers with how many messages that were. A row goes when Publish has
// returned, so after a crash between the two its message comes again, with the
// same ID.
//
// Rows get their number before their transaction commits, so a row may appear
// after one with a greater number. That does no harm: rows are taken away one
// by one, not by a mark below which all are done, and two changes of one item
// are kept in order by the item's lock.
func (e *Engine) Drain(ctx context.Context) (int, error) {
	if e.opt.Publish == nil {
		return 0, nil
	}
	sum := 0
	for {
		n, err := e.drainBatch(ctx)
		sum += n
		if err != nil || n < relayBatch {
			return sum, err
		}
	}
}

func (e *Engine) drainBatch(ctx context.Context) (int, error) {
	var some bool
	if err := e.pool.QueryRow(ctx, `select exists (select from flow.outbox)`).Scan(&some); err != nil {
		return 0, fmt.Errorf("look into the outbox: %w", err)
	}
	if !some {
		return 0, nil
	}
	tx, err := e.pool.Begin(ctx)
	if err != nil {
		return 0, fmt.Errorf("begin to hand over the outbox: %w", err)
	}
	// what was handed over is taken away even when ctx has ended meanwhile
	keep := context.WithoutCancel(ctx)
	defer func() { _ = tx.Rollback(keep) }()
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, int64(relaying)); err != nil {
		return 0, fmt.Errorf("wait for the outbox: %w", err)
	}
	rows, err := tx.Query(ctx, `select mid::text, seq, at, kind, object, region, org, body from flow.outbox order by seq limit $1`, relayBatch)
	if err != nil {
		return 0, fmt.Errorf("read the outbox: %w", err)
	}
	messages, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Message])
	if err != nil {
		return 0, fmt.Errorf("read the outbox: %w", err)
	}
	var done []int64
	var trouble error
	for _, m := range messages {
		if trouble = e.opt.Publish(ctx, m); trouble != nil {
			trouble = fmt.Errorf("publish %s of %s: %w", m.Kind, m.Object, trouble)
			break
		}
		done = append(done, m.Seq)
	}
	if len(done) > 0 && e.opt.Sync != nil {
		if err := e.opt.Sync(ctx); err != nil {
			return 0, fmt.Errorf("have the broker keep %d messages: %w", len(done), err)
		}
	}
	if len(done) > 0 {
		if _, err := tx.Exec(keep, `delete from flow.outbox where seq = any($1)`, done); err != nil {
			return 0, fmt.Errorf("empty the outbox: %w", err)
		}
		if err := tx.Commit(keep); err != nil {
			return 0, fmt.Errorf("empty the outbox: %w", err)
		}
	}
	return len(done), trouble
}

// Backlog is how many messages are in the outbox, and how old the oldest is.
func (e *Engine) Backlog(ctx context.Context) (n int, oldest time.Duration, err error) {
	var at *time.Time
	if err := e.pool.QueryRow(ctx, `select count(*), min(at) from flow.outbox`).Scan(&n, &at); err != nil {
		return 0, 0, fmt.Errorf("look into the outbox: %w", err)
	}
	if at != nil {
		oldest = e.now().Sub(*at)
	}
	return n, oldest, nil
}
