package streams

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// MaxMediaBytes is the largest photo: what fits into one message.
const MaxMediaBytes = maxPayload - 64<<10

// PutMedia keeps a photo, synced, under name (1 to 200 bytes, any); the same
// name again replaces it. ErrTooLarge over MaxMediaBytes, ErrFull.
func (b *Broker) PutMedia(ctx context.Context, name, contentType string, body []byte) error {
	subject, err := mediaSubjectOf(name)
	if err != nil {
		return err
	}
	if len(body) > MaxMediaBytes {
		return fmt.Errorf("keep photo %s: %w: %d bytes, %d are allowed", name, ErrTooLarge, len(body), MaxMediaBytes)
	}
	m := &nats.Msg{Subject: subject, Data: body, Header: nats.Header{headerMedia: {escape(contentType)}}}
	if _, err := b.store(ctx, m); err != nil {
		return fmt.Errorf("keep photo %s: %w", name, err)
	}
	if b.media == nil {
		return nil
	}
	if err := b.media.sync(ctx); err != nil {
		return fmt.Errorf("keep photo %s: %w", name, err)
	}
	return nil
}

// Media reads a photo back; ErrGone when there is none of that name.
func (b *Broker) Media(ctx context.Context, name string) (body []byte, contentType string, err error) {
	subject, err := mediaSubjectOf(name)
	if err != nil {
		return nil, "", err
	}
	s, err := b.js.Stream(ctx, mediaStream)
	if err != nil {
		return nil, "", fmt.Errorf("read photo %s: %w", name, err)
	}
	m, err := s.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, "", fmt.Errorf("photo %s: %w", name, ErrGone)
	}
	if err != nil {
		return nil, "", fmt.Errorf("read photo %s: %w", name, err)
	}
	return m.Data, unescape(first(m.Header, headerMedia)), nil
}

// mediaSubjectOf keeps dots, wildcards and spaces of a name out of the subject.
func mediaSubjectOf(name string) (string, error) {
	if name == "" || len(name) > 200 {
		return "", fmt.Errorf("photo name of %d bytes: %w: 1 to 200 are allowed", len(name), ErrGone)
	}
	return mediaSubject + hex.EncodeToString([]byte(name)), nil
}
