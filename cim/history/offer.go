package history

import (
	"context"
	"sync"

	"onecity/cim"
)

// offer is where the newest snapshot of a minute's end waits until the record
// has passed it.
type offer struct {
	mu       *sync.Mutex
	snapshot *cim.Snapshot
	position uint64
	changed  chan struct{} // gets a token when either changes
}

func newOffer() offer { return offer{mu: new(sync.Mutex), changed: make(chan struct{}, 1)} }

func (o *offer) put(s *cim.Snapshot) {
	o.mu.Lock()
	o.snapshot = s
	o.mu.Unlock()
	o.wake()
}

// reached says how far the record is.
func (o *offer) reached(seq uint64) {
	o.mu.Lock()
	o.position = seq
	waits := o.snapshot != nil && o.snapshot.Seq() <= seq
	o.mu.Unlock()
	if waits {
		o.wake()
	}
}

func (o *offer) wake() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

// take waits for a snapshot that the record has passed, and takes it away.
func (o *offer) take(ctx context.Context) (*cim.Snapshot, error) {
	for {
		o.mu.Lock()
		s := o.snapshot
		if s != nil && s.Seq() <= o.position {
			o.snapshot = nil
			o.mu.Unlock()
			return s, nil
		}
		o.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-o.changed:
		}
	}
}
