package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"onecity/cim"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// Load makes the model as it was at the last checkpoint of the stream of that
// epoch; the caller folds on from pos. Without a checkpoint of that stream, or
// with one that this program cannot read, the model holds what stands alone,
// with the open incidents, and pos is 0.
//
// The objects are as of the recorder's position, which is never behind the
// checkpoint: the model is the one that was never stopped once it has folded
// the events in between again; see [cim.Restore].
func (s *Store) Load(ctx context.Context, epoch string) (m *cim.Model, pos uint64, err error) {
	l, err := s.load(ctx, epoch)
	if err != nil {
		return nil, 0, err
	}
	return l.model, l.model.Snapshot().Seq(), nil
}

func (s *Store) load(ctx context.Context, epoch string) (loaded, error) {
	l, err := s.loadFrom(ctx, epoch, loadObjects)
	if errors.Is(err, cim.ErrCheckpoint) {
		s.log.Error("the live state cannot be restored; the city is made of what stands and of what the stream still has", "error", err)
		l, err = s.loadFrom(ctx, "", nil)
	}
	return l, err
}

// loaded is a model, and how far the record was that it came from.
type loaded struct {
	model    *cim.Model
	recorded position
}

// loadFrom makes the model of the checkpoint of that epoch with what those
// tables hold, of everything that stands for the epoch "" or without one.
func (s *Store) loadFrom(ctx context.Context, epoch string, beside tables) (l loaded, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if l.recorded, err = readPosition(ctx, tx); err != nil {
			return err
		}
		checkpoint, err := readCheckpoint(ctx, tx, epoch)
		if err != nil {
			return err
		}
		if checkpoint == nil {
			beside = everything
		}
		l.model, err = restore(ctx, tx, beside, checkpoint)
		return err
	})
	if err != nil {
		return loaded{}, fmt.Errorf("load the model: %w", err)
	}
	return l, nil
}

// restore makes a model of tables and a checkpoint, nil for none: one goroutine
// reads rows and decodes them, this one builds the model.
func restore(ctx context.Context, tx pgx.Tx, tables tables, checkpoint io.Reader) (*cim.Model, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	facts := make(chan cim.Fact, 4)
	group.Go(func() error {
		defer close(facts)
		emit := func(f cim.Fact) error {
			select {
			case facts <- f:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := tables(ctx, tx, emit); err != nil || checkpoint != nil {
			return err
		}
		return loadOpenIncidents(ctx, tx, emit)
	})
	m, err := cim.Restore(received(group, facts), checkpoint)
	if err != nil {
		cancel()
	}
	for range facts { // the reader must end before tx does
	}
	return m, errors.Join(err, group.Wait())
}

// Resume is Load for a stream, and moves the model past events that have aged
// out of it since the checkpoint: after a long stop they can be had from
// nowhere, and a reader that asks for them gets [streams.ErrGone].
//
// From a stream that has lost its newest events, and ends before the
// checkpoint, the model is what stands, and takes in anew what the stream has.
// From one that ends between the checkpoint and the record, what stands is put
// over the checkpoint: the record knows more of it than the stream.
func (s *Store) Resume(ctx context.Context, source Source) (*cim.Model, error) {
	l, err := s.load(ctx, source.Epoch())
	if err != nil {
		return nil, err
	}
	last, err := source.Last(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the model: %w", err)
	}
	pos := l.model.Snapshot().Seq()
	switch {
	case pos > last:
		s.log.Error("the stream has lost its newest events; the city is made of what stands and of what the stream still has", "checkpoint", pos, "last", last)
		l, err = s.loadFrom(ctx, "", nil)
		return l.model, err
	case l.recorded.epoch == source.Epoch() && l.recorded.seq > last:
		s.log.Error("the stream has lost its newest events; what they put up is taken from the record", "recorded", l.recorded.seq, "last", last)
		if l, err = s.loadFrom(ctx, source.Epoch(), everything); err != nil {
			return nil, err
		}
	}
	first, err := source.First(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the model: %w", err)
	}
	if pos > 0 && pos+1 < first {
		s.log.Error("events aged out of the stream while the city was stopped; its live state lacks them", "first", pos+1, "last", first-1)
		l.model.Fold(cim.Event{Seq: first - 1, Fact: cim.Tick{}})
	}
	return l.model, nil
}

// received is the facts of a channel, and at its end the error of the group
// that filled it.
func received(group *errgroup.Group, facts <-chan cim.Fact) iter.Seq2[cim.Fact, error] {
	return func(yield func(cim.Fact, error) bool) {
		for f := range facts {
			if !yield(f, nil) {
				return
			}
		}
		if err := group.Wait(); err != nil {
			yield(nil, err)
		}
	}
}
