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
	// finish is the position whose checkpoint ends the last session, see
	// Finish; 0 before.
	finish uint64
}

// errFinished ends the last session when all is written.
var errFinished = errors.New("the record is finished")

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
// time: its cells are kept, and the model's checkpoint. It returns at once; when
// the recorder is behind, only the newest is kept.
func (r *Recorder) Offer(s *cim.Snapshot) { r.offered.put(s, true) }

// OfferCheckpoint hands in the city at any other moment that is worth a
// checkpoint, like Offer.
func (r *Recorder) OfferCheckpoint(s *cim.Snapshot) { r.offered.put(s, false) }

// Finish records, after Run has ended, what the stream had until s, and keeps
// the checkpoint of s, so that the next start finds all done. It returns nil
// when another node records, which will keep its own. ctx bounds it.
func (r *Recorder) Finish(ctx context.Context, s *cim.Snapshot) error {
	r.OfferCheckpoint(s)
	r.finish = s.Seq()
	// The lock of the session before goes with its connection: it may take a while.
	patience := time.Now().Add(2 * time.Second)
	for {
		err := r.session(ctx)
		switch {
		case errors.Is(err, errFinished):
			return nil
		case !errors.Is(err, errTaken):
			return fmt.Errorf("finish the record at %d: %w", s.Seq(), err)
		case time.Now().After(patience):
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("finish the record at %d: %w", s.Seq(), ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

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
