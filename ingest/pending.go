package ingest

import (
	"sync"
	"sync/atomic"
)

// maxPending bounds what waits for the model to catch up; it is behind by
// milliseconds, so that this is never reached while it runs at all.
const maxPending = 200_000

// pending holds what was stored and may not be in the newest snapshot yet, so
// that a device may send at once after it was registered.
type pending[T any] struct {
	n  atomic.Int64 // len(of), read without the lock
	mu sync.RWMutex
	of map[string]*T
}

func (p *pending[T]) get(id string) (*T, bool) {
	if p.n.Load() == 0 {
		return nil, false
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	v, ok := p.of[id]
	return v, ok
}

// put adds vs, and forgets those that folded says the model knows by now.
func (p *pending[T]) put(vs []T, id func(*T) string, folded func(*T) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = make(map[string]*T)
	}
	for k, v := range p.of {
		if folded(v) || len(p.of) >= maxPending {
			delete(p.of, k)
		}
	}
	for i := range vs {
		v := vs[i]
		p.of[id(&v)] = &v
	}
	p.n.Store(int64(len(p.of)))
}
