package alarm

import (
	"maps"
	"slices"
	"time"
)

// gap is how long the stream may be quiet before the engine takes it that
// nobody listened: the clock strikes every second.
const gap = 90 * time.Second

// strike moves the engine's clock on; it never goes back.
func (e *Engine) strike(at time.Time) {
	if !at.After(e.now) {
		return
	}
	if at.Sub(e.now) > gap {
		e.listening = at
	}
	e.now = at
	for _, r := range e.rules {
		if r.hold && r.dur > 0 && r.live() {
			e.hold(r)
		}
	}
	if m := at.Unix() / 60; m != e.minute {
		e.minute = m
		e.everyMinute()
	}
}

// hold opens what has held long enough without a new value.
func (e *Engine) hold(r *running) {
	var due []string
	for key, t := range r.targets {
		if t.Phase == pending && e.now.Sub(t.Arrived) >= r.dur {
			due = append(due, key)
		}
	}
	slices.Sort(due)
	for _, key := range due {
		e.open(r, key, r.targets[key])
	}
}

// everyMinute is what need not be looked at more often.
func (e *Engine) everyMinute() {
	for _, r := range e.rules {
		r.spent = 0
		e.expire(r)
		if !r.live() {
			continue
		}
		switch {
		case r.Kind == KindSilence:
			e.silences(r)
		case r.Kind == KindGroup:
			e.groups(r)
		case r.Kind == KindExpression && r.mentions("silent"):
			e.quiet(r)
		}
	}
}

// expire frees the targets whose time has run out.
func (e *Engine) expire(r *running) {
	for _, key := range slices.Sorted(maps.Keys(r.targets)) {
		t := r.targets[key]
		switch {
		case t.Phase == open && !t.Seen && !e.opt.Alone && e.now.Sub(t.Opened) >= unseenFor:
			e.cool(r, key, t)
		case t.Phase == cooling && !e.now.Before(t.Until):
			delete(r.targets, key)
		}
	}
}

// mostSilent is how many devices must be silent, and more than half of all that
// the rule looks at, to take it that the line is broken and not the devices.
const mostSilent = 10

// silences looks which devices have not been heard for too long. Where most are
// silent at once, it is their network or platform: none is opened for each.
func (e *Engine) silences(r *running) {
	after := r.Silence.After.Duration()
	all := e.watched(r)
	var quiet []*Device
	for _, d := range all {
		if e.now.Sub(later(e.heard(r, d.ID), e.listening)) >= after {
			quiet = append(quiet, d)
		}
	}
	if len(quiet) >= mostSilent && 2*len(quiet) > len(all) {
		return
	}
	for _, d := range quiet {
		from := later(r.heard[d.ID], e.listening)
		e.judge(r, "device:"+d.ID, bad, from, subjectOf(d, e.now.Sub(from).Minutes()))
	}
}

// heard is when a device was last heard; that it is new counts as a word.
func (e *Engine) heard(r *running, device string) time.Time {
	at, ok := r.heard[device]
	if !ok {
		at = e.now
		r.heard[device] = at
	}
	return at
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
