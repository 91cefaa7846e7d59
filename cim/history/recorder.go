package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"onecity/cim"
	"onecity/streams"

	"github.com/jackc/pgx/v5/pgconn"
)

// Source is the stream as a Recorder needs it (streams.Broker is one).
type Source interface {
	Epoch() string
	First(ctx context.Context) (uint64, error)
	Last(ctx context.Context) (uint64, error)
	// Sync returns when all that was accepted so far would survive a power cut.
	Sync(ctx context.Context) error
	// Forget lets the stream drop events up to a position, those that are old or
	// in the way; nothing else drops any.
	Forget(ctx context.Context, upTo uint64) (dropped uint64, err error)
	Consume(ctx context.Context, from uint64, fn func(streams.Received) error) error
}

// RecorderOptions bound the transactions; the zero value works.
type RecorderOptions struct {
	// Rows (default 20,000) and Wait (default 200 ms) end a batch, whichever
	// comes first.
	Rows int
	Wait time.Duration
	// Memory bounds what is decoded and not written yet, in bytes of the
	// stream (default 64 MiB).
	Memory int64
}

// Recorder moves the stream into the database. One Recorder writes at a time,
// however many nodes run one: the others wait for its lock.
type Recorder struct {
	store  *Store
	source Source
	opt    RecorderOptions
	log    *slog.Logger

	offered  offer
	recorded atomic.Uint64 // events since the start
	position atomic.Uint64
	// careful is a position up to which events go one by one, after the
	// database would not take a batch: to find the one.
	careful uint64
}

// Recorder is the recorder of source into s.
func (s *Store) Recorder(source Source, o RecorderOptions) *Recorder {
	if o.Rows <= 0 {
		o.Rows = 20_000
	}
	if o.Wait <= 0 {
		o.Wait = 200 * time.Millisecond
	}
	if o.Memory <= 0 {
		o.Memory = 64 << 20
	}
	return &Recorder{store: s, source: source, opt: o, log: s.log, offered: newOffer()}
}

// Run records until ctx ends. While the database is away, or another node
// records, it tries again and again; the stream keeps the facts meanwhile. It
// returns only ctx's error.
func (r *Recorder) Run(ctx context.Context) error {
	const least, most = 100 * time.Millisecond, 5 * time.Second
	for wait := least; ; wait = min(2*wait, most) {
		began := time.Now()
		err := r.session(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(began) > most {
			wait = least
		}
		if errors.Is(err, errTaken) {
			r.log.Debug("another node records")
		} else {
			r.log.Warn("history cannot be written now, trying again", "wait", wait, "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// Offer hands in the city as it stood at the end of a minute of the model's
// time. It returns at once; when the recorder is behind, only the newest is
// kept.
func (r *Recorder) Offer(s *cim.Snapshot) { r.offered.put(s) }

// Recorded is how many events this Recorder has written, and Position the
// position of the last one, 0 before the first; for metrics.
func (r *Recorder) Recorded() uint64 { return r.recorded.Load() }

// Position is how far the record is.
func (r *Recorder) Position() uint64 { return r.position.Load() }

// rejects reports whether the database refused what it was given (SQLSTATE
// classes 22 and 23), which it would refuse for ever.
func rejects(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code[:2] == "22" || pg.Code[:2] == "23")
}

// begin is where to go on from, in the epoch of the source.
func (r *Recorder) begin(ctx context.Context, q querier) (position, error) {
	p, err := readPosition(ctx, q)
	if err != nil {
		return p, err
	}
	epoch := r.source.Epoch()
	if p.epoch != epoch {
		// Another stream: its events are all new. What the old one said stays.
		next := position{epoch: epoch, at: time.Unix(0, 0)}
		if p.epoch != "" {
			r.log.Warn("the stream is another one than before", "was", p.epoch, "is", epoch)
		}
		_, err := q.Exec(ctx, `insert into positions (name, epoch, seq, at) values ($1, $2, 0, $3)
			on conflict (name) do update set epoch = excluded.epoch, seq = 0, at = excluded.at`, recorded, epoch, next.at)
		if err != nil {
			return p, fmt.Errorf("begin with stream %s: %w", epoch, err)
		}
		p = next
	}
	if p, err = r.backToEnd(ctx, q, p); err != nil {
		return p, err
	}
	return r.overGap(ctx, q, p)
}

// backToEnd goes on from the end of a stream that has lost its newest events:
// the positions beyond it will be those of other events. Their rows stay; a
// checkpoint beyond goes, for the next one would be older than it.
func (r *Recorder) backToEnd(ctx context.Context, q querier, p position) (position, error) {
	last, err := r.source.Last(ctx)
	if err != nil || p.seq <= last {
		return p, err
	}
	r.log.Error("the stream has lost events that history has recorded", "first", last+1, "last", p.seq)
	if _, err := q.Exec(ctx, "delete from checkpoints where epoch = $1 and seq > $2", p.epoch, int64(last)); err != nil {
		return p, fmt.Errorf("go back to the end of the stream: %w", err)
	}
	if _, err := q.Exec(ctx, "update positions set seq = $1 where name = $2", int64(last), recorded); err != nil {
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
