package hub

import (
	"context"
	"sync"
	"time"

	"onecity/cim"
	"onecity/cim/live"
)

const (
	// remembered is how many changed things a view keeps apart; a reader who
	// missed more gets everything again, which is then hardly longer.
	remembered = 8192
	// maxPending is how many steps may wait for a view's tick. Only a machine
	// that stands still lets it be reached; then all readers start again.
	maxPending = 1024
	// fullAge is how long a frame with everything is handed to newcomers, who
	// then get what changed since: so thousands may come at once.
	fullAge = time.Second
)

// view is what all readers with equal looks share. Its own goroutine ticks.
type view struct {
	look look
	key  string
	hub  *Hub

	inbox struct {
		sync.Mutex
		steps    []live.Step
		overflow bool
	}
	notify chan struct{}

	mu     sync.Mutex
	now    *cim.Snapshot // the model at the last tick
	top    uint64        // the last tick that changed something in view
	recent *recent
	drawn  map[string]drawing // the widgets, as they were at top
	full   *frame
	fullAt time.Time
	deltas map[uint64]*frame // from → frame to top

	// readers have a lock of their own: while they are woken, those who are
	// awake already ask for their frames.
	room    sync.Mutex
	readers map[*sub]struct{}

	// of the hub, under its lock
	users int
	idle  time.Time // since when users is 0
	stop  context.CancelFunc
}

func newView(h *Hub, l look) *view {
	return &view{
		look: l, key: l.key(), hub: h,
		notify:  make(chan struct{}, 1),
		deltas:  map[uint64]*frame{},
		drawn:   map[string]drawing{},
		readers: map[*sub]struct{}{},
	}
}

// start sets the position from which the view knows what changed.
func (v *view) start(now *cim.Snapshot) {
	v.now, v.top = now, now.Seq()
	v.recent = newRecent(remembered, v.top)
}

// offer puts a step into the inbox. It is called in the model's goroutine.
func (v *view) offer(s live.Step) {
	v.inbox.Lock()
	if len(v.inbox.steps) < maxPending {
		v.inbox.steps = append(v.inbox.steps, s)
	} else {
		v.inbox.overflow = true
		v.inbox.steps[maxPending-1] = s
	}
	v.inbox.Unlock()
	select {
	case v.notify <- struct{}{}:
	default:
	}
}

func (v *view) collect() (steps []live.Step, overflow bool) {
	v.inbox.Lock()
	defer v.inbox.Unlock()
	steps, overflow = v.inbox.steps, v.inbox.overflow
	v.inbox.steps, v.inbox.overflow = nil, false
	return steps, overflow
}

// run ticks until ctx ends: at once when it was quiet, at the view's rate when
// it was not.
func (v *view) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.notify:
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(v.look.period())
		steps, overflow := v.collect()
		if len(steps) > 0 {
			v.tick(steps, overflow)
		}
	}
}

// tick takes steps in and wakes the readers if they can see a difference.
func (v *view) tick(steps []live.Step, overflow bool) {
	v.mu.Lock()
	before, now := v.now, steps[len(steps)-1].Snapshot
	seq := now.Seq()
	if seq <= before.Seq() {
		v.mu.Unlock()
		return
	}
	changed := false
	if overflow {
		v.recent.forget(seq)
		v.full = nil
		changed = true
	} else {
		was, is := before.In(v.look.scope), now.In(v.look.scope)
		for _, s := range steps {
			if s.Snapshot.Seq() <= before.Seq() {
				continue
			}
			for _, ref := range s.Changed {
				changed = v.note(was, is, ref, seq) || changed
			}
		}
	}
	changed = v.redraw(seq) || changed
	v.now = now
	if !changed {
		v.mu.Unlock()
		return
	}
	last := v.top
	v.top = seq
	clear(v.deltas)
	if time.Since(v.fullAt) > fullAge {
		v.full = nil // nobody gets it any more, and it may be large
	}
	v.mu.Unlock()

	v.room.Lock()
	defer v.room.Unlock()
	if len(v.readers) > 0 { // here, not in a reader's goroutine: nearly all want it
		v.next(last, false).make()
	}
	for s := range v.readers {
		s.client.poke()
	}
}

// note remembers ref if it is, or was, in the view.
func (v *view) note(was, is cim.Reader, ref cim.Ref, seq uint64) bool {
	if !v.look.layers.Has(ref.Layer) {
		return false
	}
	t := thing{layer: ref.Layer, id: ref.ID}
	if ref.Layer == cim.LayerCells {
		t.cell = ref.Cell.Parent(v.look.res)
	}
	if v.recent.touchedAt(t, seq) {
		return false
	}
	switch {
	case v.look.holds(is, t):
		v.recent.touch(t, seq, false)
	case v.look.holds(was, t):
		v.recent.touch(t, seq, true)
	default:
		return false
	}
	return true
}

// holds reports whether t is in the view, in the city that r reads.
func (l *look) holds(r cim.Reader, t thing) bool {
	switch t.layer {
	case cim.LayerCells:
		if l.bound != everywhere && !l.bound.Contains(t.cell.Centre()) {
			return false
		}
		_, ok := r.Cell(t.cell)
		return ok
	case cim.LayerDevices:
		d, ok := r.Device(t.id)
		return ok && l.contains(d.Lon, d.Lat)
	case cim.LayerUnits:
		u, ok := r.Unit(t.id)
		return ok && !u.Position.Time.IsZero() && l.contains(u.Position.Lon, u.Position.Lat)
	case cim.LayerIncidents:
		i, ok := r.Incident(t.id)
		return ok && l.contains(i.Lon, i.Lat)
	}
	return false
}

func (l *look) contains(lon, lat float64) bool {
	return lon >= l.bound.Min[0] && lon <= l.bound.Max[0] && lat >= l.bound.Min[1] && lat <= l.bound.Max[1]
}

// redraw notes the widgets that were drawn anew since the last tick.
func (v *view) redraw(seq uint64) (changed bool) {
	for _, name := range v.look.names() {
		d, ok := v.hub.board.drawing(v.look.slot(name))
		if ok && d.version != v.drawn[name].version {
			v.drawn[name] = d
			v.recent.touch(thing{layer: layerWidgets, id: name}, seq, false)
			changed = true
		}
	}
	return changed
}

// next is the frame for a reader who has got everything up to from; nil when
// there is nothing new. A reader who begins has got nothing.
func (v *view) next(from uint64, begins bool) *frame {
	v.mu.Lock()
	defer v.mu.Unlock()
	if begins || from < v.recent.floor {
		return v.everything()
	}
	if from >= v.top {
		return nil
	}
	return v.delta(from)
}

// knows reports whether the view can tell a reader at from what changed since.
func (v *view) knows(from uint64) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return from >= v.recent.floor && from <= v.now.Seq()
}

func (v *view) everything() *frame {
	if v.full == nil || time.Since(v.fullAt) > fullAge || v.full.to < v.recent.floor {
		v.full = &frame{view: v, to: v.top, reset: true, city: v.now, drawn: v.drawings(nil)}
		v.fullAt = time.Now()
	}
	return v.full
}

func (v *view) delta(from uint64) *frame {
	f, ok := v.deltas[from]
	if !ok {
		marks := v.recent.since(from)
		f = &frame{view: v, from: from, to: v.top, city: v.now, marks: marks, drawn: v.drawings(marks)}
		v.deltas[from] = f
	}
	return f
}

// drawings are the widgets among marks, or all of them.
func (v *view) drawings(marks []mark) []drawing {
	var out []drawing
	if marks == nil {
		for _, name := range v.look.names() {
			if d, ok := v.drawn[name]; ok {
				out = append(out, d)
			}
		}
		return out
	}
	for _, m := range marks {
		if m.layer == layerWidgets {
			out = append(out, v.drawn[m.id])
		}
	}
	return out
}

func (v *view) join(s *sub) {
	v.room.Lock()
	defer v.room.Unlock()
	v.readers[s] = struct{}{}
}

func (v *view) leave(s *sub) {
	v.room.Lock()
	defer v.room.Unlock()
	delete(v.readers, s)
}

// slots are the drawings that the view wants.
func (v *view) slots() []slot {
	var out []slot
	for _, name := range v.look.names() {
		out = append(out, v.look.slot(name))
	}
	return out
}
