package streams

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// MaxEventBytes is the largest Data of an Event.
const MaxEventBytes = 4 << 20

// Publish stores e in CITY as durably as asked. The same Type + Source + ID
// again, within the window, is dropped by the broker and is no error, unless e
// is Sole and says something else (ErrTaken). ErrFull when the disk or the
// stream is full, ErrTooLarge over MaxEventBytes.
func (b *Broker) Publish(ctx context.Context, e Event, d Durability) error {
	if len(e.Data) > MaxEventBytes {
		return fmt.Errorf("%w: %d bytes of data, %d are allowed", ErrTooLarge, len(e.Data), MaxEventBytes)
	}
	m, err := encode(e)
	if err != nil {
		return err
	}
	ack, err := b.store(ctx, m)
	if err == nil && ack.Duplicate && e.Sole {
		err = b.sameAs(ctx, ack.Sequence, e.Data)
	}
	if err != nil {
		return fmt.Errorf("publish %s of %s: %w", e.Type, e.Source, err)
	}
	if d == Synced {
		return b.Sync(ctx)
	}
	return nil
}

// sameAs is nil when the event at seq says what data says. One that is gone
// already cannot be compared: it is another.
func (b *Broker) sameAs(ctx context.Context, seq uint64, data []byte) error {
	s, err := b.js.Stream(ctx, cityStream)
	if err != nil {
		return fmt.Errorf("compare with event %d: %w", seq, err)
	}
	m, err := s.GetMsg(ctx, seq)
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return fmt.Errorf("compare with event %d: %w", seq, err)
	}
	if err != nil || !bytes.Equal(m.Data, data) {
		return fmt.Errorf("event %d: %w", seq, ErrTaken)
	}
	return nil
}

// Sync returns when everything that was accepted into CITY before the call
// would survive a power cut. With an external cluster that is the cluster's
// business and Sync does nothing.
func (b *Broker) Sync(ctx context.Context) error {
	if b.city == nil {
		return nil
	}
	if err := b.city.sync(ctx); err != nil {
		return fmt.Errorf("sync %s to disk: %w", cityStream, err)
	}
	return nil
}

// store publishes m and waits for JetStream's acknowledgement.
func (b *Broker) store(ctx context.Context, m *nats.Msg) (*jetstream.PubAck, error) {
	done, err := b.room.take(len(m.Data) + 1024)
	if err != nil {
		return nil, err
	}
	defer done()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
	}
	// Retries by the client library hide for how long a sender waits; the
	// sender repeats by itself, and the id keeps that from counting twice.
	ack, err := b.js.PublishMsg(ctx, m, jetstream.WithRetryAttempts(0))
	return ack, storeError(err)
}

// subjectOf is where an event of that type goes: "onecity.observations.v1" to
// "city.observations". Types of others keep their name.
func subjectOf(typ string) (string, bool) {
	kind := strings.TrimPrefix(typ, "onecity.")
	if i := strings.LastIndex(kind, ".v"); i > 0 {
		kind = kind[:i]
	}
	if kind == "" || len(kind) > 200 || kind[0] == '.' || kind[len(kind)-1] == '.' || strings.Contains(kind, "..") {
		return "", false
	}
	for i := range len(kind) {
		switch c := kind[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return "", false
		}
	}
	return citySubject + kind, true
}
