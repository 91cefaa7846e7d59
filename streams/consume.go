package streams

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Consume calls fn with every event of CITY after position from, in order,
// until ctx ends or fn fails. It reconnects by itself. batchEnd is true on the
// last event that is there right now: more may be on the way.
//
// It returns fn's error, ctx's error, or ErrGone when events after from have
// aged out of the stream, or from is ahead of it: a reader that went on would
// silently miss facts. (From 0 it begins with the oldest event there is.)
func (b *Broker) Consume(ctx context.Context, from uint64, fn func(e Received, batchEnd bool) error) error {
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
				b.opts.Log.Error("events are gone from the stream before a reader had them", "first", from+1, "last", e.Seq-1)
			}
			from = e.Seq
			if err := fn(e, len(msgs) == 0); err != nil {
				return err
			}
		}
	}
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
