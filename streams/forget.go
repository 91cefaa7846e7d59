package streams

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Forget lets CITY drop events up to position upTo: those older than MaxAge,
// and, if it is more than three quarters full, the oldest until it is half
// full. Those who ask have them elsewhere (in the record, with a checkpoint of
// the model at upTo or later). Nothing else drops events: none can age out
// before history has it. It reports how many were dropped.
func (b *Broker) Forget(ctx context.Context, upTo uint64) (dropped uint64, err error) {
	s, err := b.js.Stream(ctx, cityStream)
	if err != nil {
		return 0, fmt.Errorf("make room in %s: %w", cityStream, err)
	}
	info := s.CachedInfo()
	st, bound := info.State, info.Config.MaxBytes
	if st.Msgs == 0 {
		return 0, nil
	}
	keepFrom, err := b.firstSince(ctx, s, st, time.Now().Add(-b.opts.MaxAge))
	if err != nil {
		return 0, fmt.Errorf("make room in %s: %w", cityStream, err)
	}
	if bound > 0 && st.Bytes >= uint64(bound)/4*3 {
		// Events differ in size, but not from one end of the stream to the other.
		surplus := float64(st.Bytes-uint64(bound)/2) / float64(st.Bytes)
		keepFrom = max(keepFrom, st.FirstSeq+uint64(surplus*float64(st.LastSeq-st.FirstSeq)))
	}
	keepFrom = min(keepFrom, upTo+1)
	if keepFrom <= st.FirstSeq {
		return 0, nil
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSequence(keepFrom)); err != nil {
		return 0, fmt.Errorf("make room in %s: %w", cityStream, err)
	}
	return keepFrom - st.FirstSeq, nil
}

// firstSince is the position of the oldest event that was stored at t or later,
// one past the newest when there is none.
func (b *Broker) firstSince(ctx context.Context, s jetstream.Stream, st jetstream.StreamState, t time.Time) (uint64, error) {
	if !st.FirstTime.Before(t) {
		return st.FirstSeq, nil
	}
	low, high := st.FirstSeq+1, st.LastSeq+1
	for low < high {
		mid := low + (high-low)/2
		m, err := s.GetMsg(ctx, mid)
		switch {
		case err != nil && !errors.Is(err, jetstream.ErrMsgNotFound):
			return 0, fmt.Errorf("ask how old event %d is: %w", mid, err)
		case err == nil && !m.Time.Before(t):
			high = mid
		default:
			low = mid + 1
		}
	}
	return low, nil
}
