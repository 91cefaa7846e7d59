package streams

import (
	"errors"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What can go wrong, for errors.Is.
var (
	// ErrFull: the disk or the stream is full; nothing was stored.
	ErrFull = errors.New("the stream is full")
	// ErrTooLarge: the event's data is over MaxEventBytes, a photo over
	// MaxMediaBytes.
	ErrTooLarge = errors.New("the event is too large")
	// ErrGone: the asked-for thing is not there (any more); of Consume, events
	// after the position have aged out of the stream or the position is not of
	// this stream.
	ErrGone = errors.New("not there")
	// ErrTaken: another fact of the same name was there first, and says
	// something else.
	ErrTaken = errors.New("another fact has this name")
	// ErrInUse: another program has the data directory open.
	ErrInUse = errors.New("the data directory is in use by another program")
	// ErrMalformed: the envelope lacks an attribute that CloudEvents 1.0
	// requires (id, source, type), or one is not usable.
	ErrMalformed = errors.New("malformed event")
)

// storeError gives a failed store its kind.
func storeError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, nats.ErrMaxPayload) {
		return errors.Join(ErrTooLarge, err)
	}
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch server.ErrorIdentifier(api.ErrorCode) {
	case server.JSInsufficientResourcesErr, server.JSStorageResourcesExceededErr, server.JSMemoryResourcesExceededErr:
		return errors.Join(ErrFull, err)
	case server.JSStreamMessageExceedsMaximumErr:
		return errors.Join(ErrTooLarge, err)
	case server.JSStreamStoreFailedF:
		// The reason is only in the text: "maximum bytes exceeded", "no space
		// left on device".
		if d := api.Description; strings.Contains(d, "exceeded") || strings.Contains(d, "no space") {
			return errors.Join(ErrFull, err)
		}
	}
	return err
}
