// Package watch keeps who wants to be told of something.
package watch

import (
	"maps"
	"slices"
	"sync"
)

// List is who wants to be told. The zero List is nobody; it is safe for
// concurrent use.
type List struct {
	mu   sync.Mutex
	of   map[int]func()
	next int
}

// Add has fn called by every Tell until stop is called. A Tell that has begun
// may call fn once more.
func (l *List) Add(fn func()) (stop func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[int]func(){}
	}
	id := l.next
	l.next++
	l.of[id] = fn
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.of, id)
	}
}

// Tell calls everybody, one after another; they may Add and stop meanwhile.
func (l *List) Tell() {
	l.mu.Lock()
	fns := slices.Collect(maps.Values(l.of))
	l.mu.Unlock()
	for _, fn := range fns {
		fn()
	}
}
