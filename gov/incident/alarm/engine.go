package alarm

import (
	"slices"
	"strings"
	"time"

	"onecity/geo"
)

// Options of an Engine.
type Options struct {
	Names Names
	// Location is the city's time zone; nil is UTC.
	Location *time.Location
	// Alone says that nobody handles the incidents (a trial): one ends when all
	// is normal again.
	Alone bool
}

// Engine is the machine. It reads no clock and no database, and is for one
// goroutine.
type Engine struct {
	opt   Options
	rules []*running // by id
	byID  map[string]*running

	devices map[string]*Device
	units   map[string]*Unit
	inCell  map[uint64][]string // devices by cell, sorted
	plans   map[stream]*plan    // which rules look at a datastream; made when asked for
	long    time.Duration       // of the longest window

	series    map[stream]*series
	incidents map[string]holder // open ones

	seq       uint64
	now       time.Time // newest At
	listening time.Time // since when the stream was heard without a gap
	minute    int64
	acts      []Act
	machine   machine
	disks     map[disk][]geo.Cell
}

// stream names a datastream.
type stream struct{ device, property string }

// plan is what is to be done with the values of a datastream.
type plan struct {
	rules  []*running
	silent []*running    // silences that end with a value
	long   time.Duration // of the window that they need
}

// holder is whose an incident is.
type holder struct {
	rule   *running
	target string
}

// New makes an engine without rules.
func New(o Options) *Engine {
	if o.Location == nil {
		o.Location = time.UTC
	}
	return &Engine{
		opt: o, byID: map[string]*running{}, devices: map[string]*Device{}, units: map[string]*Unit{}, inCell: map[uint64][]string{},
		plans: map[stream]*plan{}, series: map[stream]*series{}, incidents: map[string]holder{}, disks: map[disk][]geo.Cell{},
	}
}

// Seq is the position of the last event.
func (e *Engine) Seq() uint64 { return e.seq }

// Set replaces the rules, those that are off with the others. One that asks for
// the same as before goes on where it was; of another, what is open stays open.
func (e *Engine) Set(rules []Rule) {
	old := e.byID
	e.rules, e.byID = nil, map[string]*running{}
	e.plans, e.long = map[stream]*plan{}, 0
	for _, r := range rules {
		x := newRunning(r)
		x.began = e.now
		if was := old[r.ID]; was != nil {
			x.take(was)
		}
		e.rules, e.byID[r.ID] = append(e.rules, x), x
		if r.On {
			e.long = max(e.long, x.window())
		}
	}
	slices.SortFunc(e.rules, func(a, b *running) int { return strings.Compare(a.ID, b.ID) })
	e.relink()
	e.dropSeries()
}

// take goes on from what the rule was before it was changed.
func (r *running) take(was *running) {
	if same := was.digest == r.digest && was.On && r.On; same {
		r.targets, r.began, r.hour = was.targets, was.began, was.hour
		if was.heard != nil {
			r.heard = was.heard
		}
		if was.sides != nil {
			r.sides = was.sides
		}
		r.errors, r.spent = was.errors, was.spent
		r.stopped = was.stopped && was.Version == r.Version
		return
	}
	for key, t := range was.targets {
		if t.Phase == open || t.Phase == cooling {
			r.targets[key] = t
		}
	}
}

// relink finds whose the open incidents are.
func (e *Engine) relink() {
	clear(e.incidents)
	for _, r := range e.rules {
		for key, t := range r.targets {
			if t.Phase == open {
				e.incidents[t.Incident] = holder{r, key}
			}
		}
	}
}

// dropSeries forgets the datastreams that no rule looks at any more.
func (e *Engine) dropSeries() {
	for k := range e.series {
		if p := e.planOf(k); len(p.rules) == 0 {
			delete(e.series, k)
		}
	}
}

// Step takes an event and says what is to be done. Events come in the order of
// their positions; one that was taken already is passed over.
func (e *Engine) Step(ev Event) []Act {
	if ev.Seq != 0 && ev.Seq <= e.seq {
		return nil
	}
	e.seq, e.acts = ev.Seq, nil
	e.strike(ev.At)
	switch f := ev.Fact.(type) {
	case Registered:
		e.register(f)
	case Observed:
		for i := range f.Observations {
			e.observe(&f.Observations[i])
		}
	case Moved:
		for i := range f.Positions {
			e.move(&f.Positions[i])
		}
	case Told:
		e.told(f)
	}
	return e.acts
}

// planOf is what is to be done with values of a datastream.
func (e *Engine) planOf(k stream) *plan {
	if p, ok := e.plans[k]; ok {
		return p
	}
	p := &plan{}
	if d := e.devices[k.device]; d != nil {
		for _, r := range e.rules {
			if !r.live() || !r.looksAt(d) {
				continue
			}
			switch {
			case r.Kind == KindSilence:
				if r.Filter.Property == "" || r.Filter.Property == k.property {
					p.silent = append(p.silent, r)
				}
			case r.Kind != KindFence && r.Filter.Property == k.property:
				p.rules = append(p.rules, r)
				p.long = max(p.long, r.window())
			}
		}
	}
	e.plans[k] = p
	return p
}

// Standing tells of a rule how many targets it looks at, and how many of them
// are in alarm.
func (e *Engine) Standing(id string) (targets, alarming int) {
	r := e.byID[id]
	if r == nil {
		return 0, 0
	}
	for _, t := range r.targets {
		if t.Phase == open && !t.Over {
			alarming++
		}
	}
	if r.Filter.Of == "unit" {
		for _, u := range e.units {
			if r.Filter.takes(u.ID, u.Kind) {
				targets++
			}
		}
		return targets, alarming
	}
	for _, d := range e.devices {
		if r.looksAt(d) {
			targets++
		}
	}
	return targets, alarming
}
