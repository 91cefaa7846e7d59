package history

import (
	"context"
	"sync"

	"onecity/cim"
)

// offer is where snapshots wait until the record has passed them: the newest of
// a minute's end, and the newest of another moment.
type offer struct {
	mu       *sync.Mutex
	minute   *cim.Snapshot
	other    *cim.Snapshot
	position uint64
	changed  chan struct{} // gets a token when any changes
}

func newOffer() offer { return offer{mu: new(sync.Mutex), changed: make(chan struct{}, 1)} }

func (o *offer) put(s *cim.Snapshot, minute bool) {
	o.mu.Lock()
	if minute {
		o.minute = s
	} else {
		o.other = s
	}
	o.mu.Unlock()
	o.wake()
}

// reached says how far the record is.
func (o *offer) reached(seq uint64) {
	o.mu.Lock()
	o.position = seq
	waits := o.passed(o.minute) || o.passed(o.other)
	o.mu.Unlock()
	if waits {
		o.wake()
	}
}

func (o *offer) passed(s *cim.Snapshot) bool { return s != nil && s.Seq() <= o.position }

func (o *offer) wake() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

// take waits for a snapshot that the record has passed, and takes it away.
func (o *offer) take(ctx context.Context) (s *cim.Snapshot, minute bool, err error) {
	for {
		if s, minute = o.pick(); s != nil {
			return s, minute, nil
		}
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-o.changed:
		}
	}
}

func (o *offer) pick() (s *cim.Snapshot, minute bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.passed(o.minute):
		s, o.minute = o.minute, nil
		return s, true
	case o.passed(o.other):
		s, o.other = o.other, nil
		return s, false
	}
	return nil, false
}
