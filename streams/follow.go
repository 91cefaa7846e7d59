package streams

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Follow calls fn with every event of one type that comes in from now on, until
// ctx ends. It is for who wants to hear soon and can miss some: what came
// before, and what comes while the line to an external broker is cut for long,
// is not told. Consume misses nothing.
func (b *Broker) Follow(ctx context.Context, eventType string, fn func(Received)) error {
	subject, ok := subjectOf(eventType)
	if !ok {
		return fmt.Errorf("follow %q: %w", eventType, ErrMalformed)
	}
	s, err := b.js.Stream(ctx, cityStream)
	if err != nil {
		return fmt.Errorf("follow %s: %w", eventType, err)
	}
	c, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{subject}, DeliverPolicy: jetstream.DeliverNewPolicy})
	if err != nil {
		return fmt.Errorf("follow %s: %w", eventType, err)
	}
	msgs, stop, err := b.pump(ctx, c)
	if err != nil {
		return fmt.Errorf("follow %s: %w", eventType, err)
	}
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m := <-msgs:
			e, err := decode(m)
			if err != nil {
				b.opts.Log.Error("an event cannot be read", "type", eventType, "error", err)
				continue
			}
			fn(e)
		}
	}
}
