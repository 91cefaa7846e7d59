package streams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DeadLetter is something that was sent and not accepted, with the reasons.
type DeadLetter struct {
	Seq    uint64          `json:"seq"` // its number, given when it is buried
	At     time.Time       `json:"at"`
	Way    string          `json:"way"`    // "feeds/air-quality", "mqtt"
	Source string          `json:"source"` // file name, device id …
	Row    int             `json:"row,omitempty"`
	Body   []byte          `json:"body"`     // what was sent, as it came
	Why    json.RawMessage `json:"problems"` // []ingest.Problem
}

// Bury keeps a dead letter until it is mended. The store is bounded: when it
// is full the oldest letters go, they were never accepted.
func (b *Broker) Bury(ctx context.Context, l DeadLetter) error {
	l.Seq = 0
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("bury a dead letter of %s: %w", l.Way, err)
	}
	if len(data) > maxPayload-4096 {
		return fmt.Errorf("bury a dead letter of %s: %w", l.Way, ErrTooLarge)
	}
	if _, err := b.store(ctx, &nats.Msg{Subject: deadSubject, Data: data}); err != nil {
		return fmt.Errorf("bury a dead letter of %s: %w", l.Way, err)
	}
	return nil
}

// DeadLetters lists the newest after skipping some, newest first; total is how
// many there are.
func (b *Broker) DeadLetters(ctx context.Context, skip, limit int) (ls []DeadLetter, total int, err error) {
	s, err := b.js.Stream(ctx, deadStream)
	if err != nil {
		return nil, 0, fmt.Errorf("list dead letters: %w", err)
	}
	info, err := s.Info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil {
		return nil, 0, fmt.Errorf("list dead letters: %w", err)
	}
	dug := make(map[uint64]bool, len(info.State.Deleted))
	for _, seq := range info.State.Deleted {
		dug[seq] = true
	}
	for seq := info.State.LastSeq; seq >= info.State.FirstSeq && seq > 0 && len(ls) < limit; seq-- {
		if dug[seq] {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		l, err := b.deadLetter(ctx, s, seq)
		if errors.Is(err, ErrGone) {
			continue // dug up meanwhile
		}
		if err != nil {
			return nil, 0, err
		}
		ls = append(ls, l)
	}
	return ls, int(info.State.Msgs), nil
}

// DeadLetter is the one with that number; ErrGone when it is not there.
func (b *Broker) DeadLetter(ctx context.Context, seq uint64) (DeadLetter, error) {
	s, err := b.js.Stream(ctx, deadStream)
	if err != nil {
		return DeadLetter{}, fmt.Errorf("read dead letter %d: %w", seq, err)
	}
	return b.deadLetter(ctx, s, seq)
}

func (b *Broker) deadLetter(ctx context.Context, s jetstream.Stream, seq uint64) (l DeadLetter, err error) {
	m, err := s.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return l, fmt.Errorf("dead letter %d: %w", seq, ErrGone)
	}
	if err != nil {
		return l, fmt.Errorf("read dead letter %d: %w", seq, err)
	}
	if err := json.Unmarshal(m.Data, &l); err != nil {
		return l, fmt.Errorf("read dead letter %d: %w", seq, err)
	}
	l.Seq = seq
	return l, nil
}

// Dig removes one, after it was sent again or given up; ErrGone when it is not
// there.
func (b *Broker) Dig(ctx context.Context, seq uint64) error {
	s, err := b.js.Stream(ctx, deadStream)
	if err != nil {
		return fmt.Errorf("dig dead letter %d: %w", seq, err)
	}
	if _, err := b.deadLetter(ctx, s, seq); err != nil {
		return err
	}
	if err := s.DeleteMsg(ctx, seq); err != nil {
		return fmt.Errorf("dig dead letter %d: %w", seq, err)
	}
	return nil
}
