package streams

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Consume calls fn with every event of CITY after position from, in order,
// until ctx ends or fn fails. It reconnects by itself.
//
// It returns fn's error, ctx's error, or ErrGone when events after from have
// gone from the beginning of the stream, also while it reads, or from is ahead of it: a reader that went on would
// silently miss facts. (From 0 it begins with the oldest event there is.)
func (b *Broker) Consume(ctx context.Context, from uint64, fn func(Received) error) error {
	s, err := b.js.Stream(ctx, cityStream)
	if err != nil {
		return fmt.Errorf("consume %s: %w", cityStream, err)
	}
	st := s.CachedInfo().State
	if from > st.LastSeq {
		return fmt.Errorf("consume %s: %w: position %d is ahead of the newest event %d", cityStream, ErrGone, from, st.LastSeq)
	}
	if from > 0 && from+1 < st.FirstSeq {
		return fmt.Errorf("consume %s: %w: events %d to %d have aged out", cityStream, ErrGone, from+1, st.FirstSeq-1)
	}
	cfg := jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{citySubject + ">"},
		DeliverPolicy:  jetstream.DeliverAllPolicy,
	}
	if from > 0 {
		cfg.DeliverPolicy = jetstream.DeliverByStartSequencePolicy
		cfg.OptStartSeq = from + 1
	}
	c, err := s.OrderedConsumer(ctx, cfg)
	if err != nil {
		return fmt.Errorf("consume %s: %w", cityStream, err)
	}
	msgs, stop, err := b.pump(ctx, c)
	if err != nil {
		return fmt.Errorf("consume %s: %w", cityStream, err)
	}
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m := <-msgs:
			e, err := decode(m)
			if err != nil {
				return fmt.Errorf("consume %s: %w", cityStream, err)
			}
			if e.Seq <= from {
				continue // a repeat after a reconnection
			}
			if from > 0 && e.Seq != from+1 {
				if err := b.hole(ctx, from+1, e.Seq-1); err != nil {
					return fmt.Errorf("consume %s: %w", cityStream, err)
				}
			}
			from = e.Seq
			if err := fn(e); err != nil {
				return err
			}
		}
	}
}

// hole tells why events first to last did not come: ErrGone when the stream
// begins after first by now, for then it has dropped them. A message that was
// deleted in the middle, by hand, is only noted: it will never come.
func (b *Broker) hole(ctx context.Context, first, last uint64) error {
	begins, err := b.First(ctx)
	if err != nil {
		return err
	}
	if begins > first {
		return fmt.Errorf("%w: events %d to %d were dropped before they were read", ErrGone, first, last)
	}
	b.opts.Log.Error("events were deleted from the middle of the stream", "first", first, "last", last)
	return nil
}

// pumped is how many messages a reader holds ahead of its work, and pumpBytes
// how much they may weigh.
const (
	pumped    = 2048
	pumpBytes = 32 << 20
)

// pump turns a consumer into a channel. It asks for more only as the channel
// is emptied.
func (b *Broker) pump(ctx context.Context, c jetstream.Consumer) (<-chan jetstream.Msg, func(), error) {
	ctx, cancel := context.WithCancel(ctx)
	msgs := make(chan jetstream.Msg, pumped)
	cc, err := c.Consume(func(m jetstream.Msg) {
		select {
		case msgs <- m:
		case <-ctx.Done():
		}
	},
		jetstream.PullMaxMessagesWithBytesLimit(pumped, pumpBytes),
		jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
			// The library recovers by itself; a missed heartbeat is how it notices.
			if !errors.Is(err, jetstream.ErrNoHeartbeat) {
				b.opts.Log.Debug("consume", "error", err)
			}
		}))
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return msgs, func() {
		cancel()
		cc.Stop()
	}, nil
}
