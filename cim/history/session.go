package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecity/streams"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// errTaken: another node's recorder holds the lock.
var errTaken = errors.New("another node records")

// recorderLock is the key of the advisory lock, "onecity" in letters' numbers.
const recorderLock = 0x6f6e6563697479

// session records over one connection for as long as all is well. What it
// knows of the database it learns anew each time.
func (r *Recorder) session(ctx context.Context) error {
	pooled, err := r.store.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	// The session's lock and tables go with its connection.
	conn := pooled.Hijack()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // whatever it says, it is over
	}()
	var mine bool
	if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", int64(recorderLock)).Scan(&mine); err != nil {
		return fmt.Errorf("take the recorder's lock: %w", err)
	}
	if !mine {
		return errTaken
	}
	if _, err := conn.Exec(ctx, "set jit = off; set client_min_messages = warning;"+staging); err != nil {
		return fmt.Errorf("make the staging tables: %w", err)
	}
	cat, err := loadCatalog(ctx, conn)
	if err != nil {
		return err
	}
	from, err := r.begin(ctx, conn)
	if err != nil {
		return err
	}
	r.position.Store(from.seq)
	r.offered.reached(from.seq)
	if err := r.tend(ctx, conn, cat); err != nil {
		return err
	}

	events := make(chan event, 4096)
	room := semaphore.NewWeighted(r.opt.Memory)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.read(ctx, from.seq, events, room) })
	group.Go(func() error { return r.record(ctx, &writer{conn: conn, cat: cat}, from, events, room) })
	group.Go(func() error { return r.keepCheckpoints(ctx, from.epoch) })
	return group.Wait()
}

// read decodes the stream ahead of the writer, as far as there is room.
func (r *Recorder) read(ctx context.Context, from uint64, to chan<- event, room *semaphore.Weighted) error {
	return r.source.Consume(ctx, from, func(e streams.Received) error {
		ev := decode(e)
		ev.weight = min(ev.weight, r.opt.Memory)
		if err := room.Acquire(ctx, ev.weight); err != nil {
			return err
		}
		select {
		case to <- ev:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// record gathers batches and writes them.
func (r *Recorder) record(ctx context.Context, w *writer, at position, events <-chan event, room *semaphore.Weighted) error {
	b := &batch{oldest: r.oldest}
	tend := time.NewTicker(10 * time.Minute)
	defer tend.Stop()
	var next *event // did not fit into the batch before
	for {
		if next == nil {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-tend.C:
				if err := r.tend(ctx, w.conn, w.cat); err != nil {
					return err
				}
				continue
			case e := <-events:
				next = &e
			}
		}
		b.reset(at)
		b.add(*next, w.cat)
		weight := next.weight
		more, n := r.gather(ctx, b, w.cat, events)
		next, weight = more, weight+n
		if err := r.commit(ctx, w, at, b); err != nil {
			return err
		}
		room.Release(weight)
		at = b.to
	}
}

// gather fills the batch until it is full, time is up, or an event comes that
// must not join it, which is returned.
func (r *Recorder) gather(ctx context.Context, b *batch, c *catalog, events <-chan event) (next *event, weight int64) {
	timer := time.NewTimer(r.opt.Wait)
	defer timer.Stop()
	for b.rows() < r.opt.Rows && b.to.seq > r.careful && weight < r.opt.Memory/4 {
		select {
		case e := <-events:
			if !b.takes(e) {
				return &e, weight
			}
			b.add(e, c)
			weight += e.weight
		case <-timer.C:
			return nil, weight
		case <-ctx.Done():
			return nil, weight
		}
	}
	return nil, weight
}

// commit writes a batch. The stream is on the disk before the position is, so
// that after a power cut the position is never ahead of the stream.
func (r *Recorder) commit(ctx context.Context, w *writer, at position, b *batch) error {
	if err := r.source.Sync(ctx); err != nil {
		return err
	}
	err := w.write(ctx, at, b)
	if err != nil && rejects(err) {
		if b.events > 1 {
			r.careful = max(r.careful, b.to.seq)
			return err
		}
		r.log.Error("the database does not take an event, it is left out", "seq", b.to.seq, "error", err)
		return r.leaveOut(ctx, w, at, b, err)
	}
	if err != nil {
		return err
	}
	r.recorded.Add(uint64(b.events))
	r.position.Store(b.to.seq)
	r.offered.reached(b.to.seq)
	return nil
}

// leaveOut moves the position over an event, and says why.
func (r *Recorder) leaveOut(ctx context.Context, w *writer, at position, b *batch, why error) error {
	err := pgx.BeginFunc(ctx, w.conn, func(tx pgx.Tx) error {
		if err := noteGap(ctx, tx, b.to.epoch, b.to.seq, b.to.seq, why.Error()); err != nil {
			return err
		}
		return at.move(ctx, tx, b.to)
	})
	if err != nil {
		return err
	}
	// What the writer took for written is not: begin anew.
	return fmt.Errorf("begin anew after an event was left out: %w", why)
}

// oldest is the earliest time that a row of the table may have: what would be
// dropped at once is not written.
func (r *Recorder) oldest(table string, at time.Time) time.Time {
	keep := r.store.keep[table]
	if keep <= 0 {
		keep = 10 * 366 * 24 * time.Hour
	}
	return at.Add(-keep)
}

// tend makes the partitions of the coming days and drops those past keeping.
func (r *Recorder) tend(ctx context.Context, conn *pgx.Conn, c *catalog) error {
	now := time.Now()
	if err := c.parts.ahead(ctx, conn, now); err != nil {
		return err
	}
	dropped, err := c.parts.drop(ctx, conn, now, r.store.keep)
	if len(dropped) > 0 {
		r.log.Info("partitions past keeping were dropped", "partitions", dropped)
	}
	return err
}
