package hub

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"onecity/cim"
)

// Widgets draws widgets, as GET /api/v1/widgets/{name} answers them.
type Widgets interface {
	// Known reports whether there is a widget of that name.
	Known(name string) bool
	// Draw is the widget as JSON, for a scope and a language ("zh", "en").
	Draw(ctx context.Context, name, lang string, scope cim.Scope) ([]byte, error)
}

// redrawn is how often a widget is drawn, whoever looks and however many.
const redrawn = time.Second

// slot is one widget for one scope in one language.
type slot struct {
	name, lang string
	scope      cim.Scope
}

// slotName names a slot, whoever holds its grants.
type slotName struct {
	name, lang string
	scope      cim.ScopeKey
}

func (l look) slot(widget string) slot { return slot{name: widget, lang: l.lang, scope: l.scope} }

func (s slot) key() slotName { return slotName{s.name, s.lang, s.scope.Key()} }

// wish is a slot that so many views want.
type wish struct {
	slot
	views int
}

// drawing is a slot's newest picture; version grows when its body changed.
type drawing struct {
	name    string
	body    []byte
	version uint64
}

// board keeps the drawings that views want, drawn at most once a second each.
type board struct {
	widgets Widgets

	mu       sync.Mutex
	wanted   map[slotName]*wish
	drawings map[slotName]drawing
	fresh    chan struct{} // a slot was wanted that has no drawing
}

func newBoard(w Widgets) *board {
	return &board{widgets: w, wanted: map[slotName]*wish{}, drawings: map[slotName]drawing{}, fresh: make(chan struct{}, 1)}
}

func (b *board) known(name string) bool { return b.widgets != nil && b.widgets.Known(name) }

func (b *board) drawing(s slot) (drawing, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d, ok := b.drawings[s.key()]
	return d, ok
}

func (b *board) want(slots []slot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range slots {
		k := s.key()
		if b.wanted[k] == nil {
			b.wanted[k] = &wish{slot: s}
		}
		b.wanted[k].views++
		if _, ok := b.drawings[k]; !ok {
			select {
			case b.fresh <- struct{}{}:
			default:
			}
		}
	}
}

func (b *board) release(slots []slot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range slots {
		k := s.key()
		w := b.wanted[k]
		if w == nil {
			continue
		}
		if w.views--; w.views == 0 {
			delete(b.wanted, k)
			delete(b.drawings, k)
		}
	}
}

// run draws until ctx ends.
func (b *board) run(ctx context.Context) {
	if b.widgets == nil {
		return
	}
	tick := time.NewTicker(redrawn)
	defer tick.Stop()
	for {
		onlyNew := false
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-b.fresh:
			onlyNew = true
		}
		for _, s := range b.due(onlyNew) {
			if ctx.Err() != nil {
				return
			}
			b.draw(ctx, s)
		}
	}
}

func (b *board) due(onlyNew bool) []slot {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []slot
	for k, w := range b.wanted {
		if _, drawn := b.drawings[k]; !onlyNew || !drawn {
			out = append(out, w.slot)
		}
	}
	return out
}

// draw keeps the old picture when the new one fails.
func (b *board) draw(ctx context.Context, s slot) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	body, err := b.widgets.Draw(ctx, s.name, s.lang, s.scope)
	if err != nil {
		if ctx.Err() == nil {
			slog.Warn("a widget cannot be drawn", "widget", s.name, "scope", s.scope, "error", err)
		}
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	k := s.key()
	if b.wanted[k] == nil {
		return
	}
	if old := b.drawings[k]; !bytes.Equal(old.body, body) {
		b.drawings[k] = drawing{name: s.name, body: body, version: old.version + 1}
	}
}
