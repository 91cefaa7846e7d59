package signin

import (
	"context"
	"sync/atomic"
	"time"
)

// hasher bounds how many passwords are hashed at once, and how many wait: a
// hash takes much memory on purpose, and anybody may ask for one.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	most    int64
	// running is how many are in, peak the most at once, entered all so far.
	running, peak, entered atomic.Int64
}

func newHasher(atOnce, waiting int) *hasher {
	return &hasher{slots: make(chan struct{}, atOnce), most: int64(waiting)}
}

// enter takes a slot; leave gives it back.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	if h.waiting.Add(1) > h.most+int64(cap(h.slots)) {
		h.waiting.Add(-1)
		return nil, &LimitedError{Why: "busy", RetryAfter: time.Second}
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		h.waiting.Add(-1)
		return nil, ctx.Err()
	}
	h.entered.Add(1)
	for n, peak := h.running.Add(1), h.peak.Load(); n > peak && !h.peak.CompareAndSwap(peak, n); peak = h.peak.Load() {
	}
	return func() {
		h.running.Add(-1)
		h.waiting.Add(-1)
		<-h.slots
	}, nil
}
