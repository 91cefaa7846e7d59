package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// Reads of graded data are many, and each must leave a trace before the data
// is shown. Note therefore commits in groups: while one batch is being
// committed the next gathers, and whoever comes takes a place in it. Equal
// reads within a window are told once; how often they were repeated is told by
// one more entry when the window has closed. Nothing is thrown away: when
// PostgreSQL is slow, readers wait.
const (
	batchSize  = 500
	maxWindows = 1 << 16 // windows that are open at a time; beyond, reads are told one by one
	batchTime  = 30 * time.Second
)

// Note writes e down in a transaction of its own and returns when it is
// committed: for reads, which have none. An entry that is equal to one of the
// last minute (Options.Window) in all but ID, At, Before, After and Detail is counted with
// it. It is safe, and faster, to call it from many goroutines. Counts of
// repetitions need Run.
func (l *Log) Note(ctx context.Context, e Entry) error {
	if err := e.check(); err != nil {
		return fmt.Errorf("note %s in the audit log: %w", e.Action, err)
	}
	e.ID, e.At = "", time.Time{}
	w := l.reads.take(e, time.Now())
	for {
		select {
		case <-w.done:
			if w.err != nil {
				return fmt.Errorf("note %s in the audit log: %w", e.Action, w.err)
			}
			return nil
		case l.reads.turn <- struct{}{}:
			l.flush(ctx)
			<-l.reads.turn
		case <-ctx.Done():
			return fmt.Errorf("note %s in the audit log: %w", e.Action, ctx.Err())
		}
	}
}

// reads are the windows that are open and the entries that wait to be written.
type reads struct {
	window time.Duration
	turn   chan struct{} // held by who writes a batch

	mu    sync.Mutex
	open  map[readKey]*window
	queue []*window
	swept time.Time
}

type readKey struct {
	actor, from, session, action, object, region, org, why, outcome string
}

func (e *Entry) readKey() readKey {
	return readKey{e.Actor, e.From, e.Session, e.Action, e.Object, e.Region, e.Org, e.Why, e.Outcome}
}

// window is one entry to be written and what equal ones have come since.
type window struct {
	entry    Entry
	opened   time.Time
	last     time.Time
	repeated int
	done     chan struct{} // closed when the entry is committed, or err set
	err      error
}

func newReads(length time.Duration) *reads {
	return &reads{window: length, turn: make(chan struct{}, 1), open: map[readKey]*window{}}
}

// take is the window that e falls in; a new one is queued.
func (r *reads) take(e Entry, now time.Time) *window {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := e.readKey()
	if w := r.open[key]; w != nil {
		if now.Sub(w.opened) < r.window {
			w.repeated++
			w.last = now
			return w
		}
		r.shut(key, w)
	}
	if len(r.open) >= maxWindows && now.Sub(r.swept) > time.Second {
		r.sweep(now)
	}
	w := &window{entry: e, opened: now, done: make(chan struct{})}
	if len(r.open) < maxWindows {
		r.open[key] = w
	}
	r.queue = append(r.queue, w)
	return w
}

// shut closes a window and queues the entry that tells of repetitions.
func (r *reads) shut(key readKey, w *window) {
	delete(r.open, key)
	if w.repeated == 0 {
		return
	}
	e := w.entry
	e.At = w.last
	e.Detail, _ = json.Marshal(map[string]any{"repeated": w.repeated, "since": w.opened.UTC()}) // cannot fail
	r.queue = append(r.queue, &window{entry: e, opened: w.opened, done: make(chan struct{})})
}

// sweep shuts the windows whose time is over.
func (r *reads) sweep(now time.Time) {
	r.swept = now
	for key, w := range r.open {
		if now.Sub(w.opened) >= r.window {
			r.shut(key, w)
		}
	}
}

// next takes the next batch from the queue.
func (r *reads) next() []*window {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(len(r.queue), batchSize)
	batch := r.queue[:n:n]
	r.queue = r.queue[n:]
	return batch
}

// finish tells those who wait for a batch how it went. After a failure the
// same read is not counted as told.
func (r *reads) finish(batch []*window, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range batch {
		w.err = err
		if key := w.entry.readKey(); err != nil && r.open[key] == w {
			delete(r.open, key)
		}
		close(w.done)
	}
}

// flush writes one batch. It holds for everybody who waits for it, so the end
// of one caller's context does not end it.
func (l *Log) flush(ctx context.Context) {
	batch := l.reads.next()
	if len(batch) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), batchTime)
	defer cancel()
	l.reads.finish(batch, l.writeBatch(ctx, batch))
}

func (l *Log) writeBatch(ctx context.Context, batch []*window) error {
	entries := make([]Entry, len(batch))
	for i, w := range batch {
		entries[i] = w.entry
	}
	tx, err := l.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }() // after Commit it does nothing
	if err := l.AppendAll(ctx, tx, entries); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// flushAll shuts windows (those whose time is over, or all) and writes until
// nothing waits.
func (l *Log) flushAll(ctx context.Context, all bool) {
	r := l.reads
	r.mu.Lock()
	now := time.Now()
	if all {
		now = now.Add(r.window)
	}
	r.sweep(now)
	waiting := len(r.queue)
	r.mu.Unlock()
	for ; waiting > 0; waiting -= batchSize {
		select {
		case r.turn <- struct{}{}:
			l.flush(ctx)
			<-r.turn
		case <-ctx.Done():
			return
		}
	}
}
