package widgets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"onecity/cim"
)

// ErrUnknown says that the register has no widget of that name.
var ErrUnknown = errors.New("no such widget")

// ErrNotReady says that there is no snapshot yet.
var ErrNotReady = errors.New("the city is still being read")

// Board draws widgets of the city as it is now. It is safe for concurrent use.
type Board struct {
	// City gives the newest snapshot, or nil before there is one.
	City func() *cim.Snapshot
	// History may be nil.
	History History
}

// Known reports whether there is a widget of that name.
func (b *Board) Known(name string) bool {
	_, ok := Find(name)
	return ok
}

// Render draws a widget for a scope. It fails with ErrUnknown or ErrNotReady,
// or because the history cannot be read.
func (b *Board) Render(ctx context.Context, name string, scope cim.Scope, o Options) (Widget, error) {
	spec, ok := Find(name)
	if !ok {
		return Widget{}, fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	snapshot := b.City()
	if snapshot == nil {
		return Widget{}, ErrNotReady
	}
	return spec.Render(ctx, snapshot.In(scope), b.History, o)
}

// Draw is Render as JSON, in the dark theme: what the WebSocket hub sends.
func (b *Board) Draw(ctx context.Context, name, lang string, scope cim.Scope) ([]byte, error) {
	w, err := b.Render(ctx, name, scope, Options{Lang: lang})
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("write widget %s: %w", name, err)
	}
	return out, nil
}
