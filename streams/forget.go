package streams

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Forget lets CITY drop events up to position upTo if it is more than three
// quarters full, until it is half full: those who ask have them elsewhere (in
// the record, with a checkpoint of the model at upTo or later), and without it
// a city at 20,000 observations a second would refuse new ones long before
// MaxAge. It reports how many were dropped.
func (b *Broker) Forget(ctx context.Context, upTo uint64) (dropped uint64, err error) {
	s, err := b.js.Stream(ctx, cityStream)
	if err != nil {
		return 0, fmt.Errorf("make room in %s: %w", cityStream, err)
	}
	info := s.CachedInfo()
	st, bound := info.State, info.Config.MaxBytes
	if bound <= 0 || st.Bytes < uint64(bound)/4*3 {
		return 0, nil
	}
	// Events differ in size, but not from one end of the stream to the other.
	surplus := float64(st.Bytes-uint64(bound)/2) / float64(st.Bytes)
	keepFrom := st.FirstSeq + uint64(surplus*float64(st.LastSeq-st.FirstSeq))
	keepFrom = min(keepFrom, upTo+1)
	if keepFrom <= st.FirstSeq {
		return 0, nil
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSequence(keepFrom)); err != nil {
		return 0, fmt.Errorf("make room in %s: %w", cityStream, err)
	}
	return keepFrom - st.FirstSeq, nil
}
