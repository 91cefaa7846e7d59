package history

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// begin is where to go on from, in the epoch of the source.
func (r *Recorder) begin(ctx context.Context, conn *pgx.Conn) (p position, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if p, err = readPosition(ctx, tx); err != nil {
			return err
		}
		if epoch := r.source.Epoch(); p.epoch != epoch {
			if p.epoch != "" {
				r.log.Warn("the stream is another one than before", "was", p.epoch, "is", epoch)
			}
			if p, err = r.beginEpoch(ctx, tx, epoch); err != nil {
				return err
			}
		}
		if p, err = r.backToEnd(ctx, tx, p); err != nil {
			return err
		}
		p, err = r.overGap(ctx, tx, p)
		return err
	})
	return p, err
}

// beginEpoch begins with another stream: its events are all new. What the old
// one said stays.
func (r *Recorder) beginEpoch(ctx context.Context, tx pgx.Tx, epoch string) (position, error) {
	p := position{epoch: epoch, at: time.Unix(0, 0)}
	if err := writeFirstCheckpoint(ctx, tx, epoch); err != nil {
		return p, err
	}
	_, err := tx.Exec(ctx, `insert into positions (name, epoch, seq, at) values ($1, $2, 0, $3)
		on conflict (name) do update set epoch = excluded.epoch, seq = 0, at = excluded.at`, recorded, epoch, p.at)
	if err != nil {
		return p, fmt.Errorf("begin with stream %s: %w", epoch, err)
	}
	return p, nil
}

// backToEnd goes on from the end of a stream that has lost its newest events:
// the positions beyond it will be those of other events. Their rows stay; a
// checkpoint beyond goes, for the next one would be older than it.
func (r *Recorder) backToEnd(ctx context.Context, tx pgx.Tx, p position) (position, error) {
	last, err := r.source.Last(ctx)
	if err != nil || p.seq <= last {
		return p, err
	}
	r.log.Error("the stream has lost events that history has recorded", "first", last+1, "last", p.seq)
	tag, err := tx.Exec(ctx, "delete from checkpoints where epoch = $1 and seq > $2", p.epoch, int64(last))
	if err != nil {
		return p, fmt.Errorf("go back to the end of the stream: %w", err)
	}
	if tag.RowsAffected() > 0 {
		if err := writeFirstCheckpoint(ctx, tx, p.epoch); err != nil {
			return p, err
		}
	}
	if _, err := tx.Exec(ctx, "update positions set seq = $1 where name = $2", int64(last), recorded); err != nil {
		return p, fmt.Errorf("go back to the end of the stream: %w", err)
	}
	p.seq = last
	return p, nil
}

// overGap notes events that aged out of the stream while history could not
// read them, and goes on after them.
func (r *Recorder) overGap(ctx context.Context, q querier, p position) (position, error) {
	first, err := r.source.First(ctx)
	if err != nil {
		return p, err
	}
	if p.seq+1 >= first || p.seq == 0 {
		return p, nil
	}
	r.log.Error("events aged out of the stream before history could record them", "first", p.seq+1, "last", first-1)
	if err := noteGap(ctx, q, p.epoch, p.seq+1, first-1, "aged out of the stream"); err != nil {
		return p, err
	}
	if _, err := q.Exec(ctx, "update positions set seq = $1 where name = $2", first-1, recorded); err != nil {
		return p, fmt.Errorf("go on after a gap: %w", err)
	}
	p.seq = first - 1
	return p, nil
}

func noteGap(ctx context.Context, q querier, epoch string, first, last uint64, reason string) error {
	_, err := q.Exec(ctx, "insert into gaps (epoch, first_seq, last_seq, reason) values ($1, $2, $3, $4) on conflict do nothing",
		epoch, int64(first), int64(last), reason)
	if err != nil {
		return fmt.Errorf("note the gap from %d to %d: %w", first, last, err)
	}
	return nil
}
