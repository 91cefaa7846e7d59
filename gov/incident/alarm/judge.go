package alarm

import (
	"fmt"
	"slices"
	"time"
)

// verdict on a value.
type verdict uint8

const (
	good    verdict = iota // the condition is over
	between                // neither: in the hysteresis
	bad                    // the condition holds
)

// MaxAnHour is how many incidents one rule may open in an hour; then it is
// switched off, for it says nothing any more.
const MaxAnHour = 200

// unseenFor is how long an incident that was asked for may take to come into
// the stream; after that it was refused, and the target is free again.
const unseenFor = 10 * time.Minute

// judge takes a verdict on a target at a time of the device's clock.
func (e *Engine) judge(r *running, key string, v verdict, at time.Time, s subject) {
	t := r.targets[key]
	if t == nil {
		if v != bad {
			return
		}
		t = &target{}
		r.targets[key] = t
	}
	if t.Phase == cooling && !e.now.Before(t.Until) {
		*t = target{Cell: t.Cell}
	}
	if t.Phase == idle && v == bad {
		t.Phase, t.Since, t.Arrived = pending, at, e.now
	}
	switch t.Phase {
	case pending:
		t.subject = s
		switch {
		case v != bad: // one value within the limit is enough
			t.Phase = idle
		case at.Sub(t.Since) >= r.dur:
			e.open(r, key, t)
		}
	case open:
		switch {
		case v == bad:
			t.Over = false
		case v == good && !t.Over:
			t.subject.Value = s.Value
			e.over(r, key, t, at)
		}
	}
	if t.Phase == idle {
		delete(r.targets, key)
	}
}

// judgeLate takes a verdict on a value that is older than the newest: one within
// the limit cuts the time that the condition has held.
func (e *Engine) judgeLate(r *running, key string, v verdict, at, newest time.Time) {
	t := r.targets[key]
	if t != nil && t.Phase == pending && v != bad && !at.Before(t.Since) {
		t.Since, t.Arrived = newest, e.now
	}
}

func (e *Engine) open(r *running, key string, t *target) {
	t.Phase, t.Opened, t.Seen, t.Over, t.Told = open, e.now, false, false, false
	t.Incident = incidentID(r.ID, key, t.Since, t.Arrived)
	e.incidents[t.Incident] = holder{r, key}
	e.acts = append(e.acts, Act{Do: DoOpen, Seq: e.seq, At: e.now, Rule: r.ID, Incident: t.Incident, Report: Report{
		ID: t.Incident, Rule: r.ID, Class: r.Open.Class, Severity: r.Open.Severity, Title: e.title(r, t), Description: e.say(r.Open.Text, r, t),
		Lon: t.Lon, Lat: t.Lat, Region: t.Region, Since: t.Since, Opened: e.now, Target: key, Name: t.Name, Value: t.Value, Simulated: t.Simulated,
	}})
	r.hour = slices.DeleteFunc(r.hour, func(at time.Time) bool { return e.now.Sub(at) >= time.Hour })
	if r.hour = append(r.hour, e.now); len(r.hour) > MaxAnHour {
		e.stop(r, fmt.Sprintf("一小时内上报超过 %[1]d 起 / more than %[1]d incidents in an hour", MaxAnHour))
	}
}

// title is the class's name, as of any other report of the class.
func (e *Engine) title(r *running, t *target) string {
	if name, ok := e.opt.Names.Class(r.Open.Class); ok {
		return name + "（" + t.Name + "）"
	}
	return r.Name
}

// over is the end of the condition; the incident is still somebody's.
func (e *Engine) over(r *running, key string, t *target, at time.Time) {
	t.Over = true
	if e.opt.Alone {
		e.acts = append(e.acts, Act{Do: DoClear, Seq: e.seq, At: at, Rule: r.ID, Incident: t.Incident})
		e.cool(r, key, t)
		return
	}
	if r.Clear != "" && !t.Told {
		t.Told = true
		e.acts = append(e.acts, Act{Do: DoClear, Seq: e.seq, At: e.now, Rule: r.ID, Incident: t.Incident, Note: e.say(r.Clear, r, t)})
	}
}

func (e *Engine) cool(r *running, key string, t *target) {
	delete(e.incidents, t.Incident)
	*t = target{Phase: cooling, Until: e.now.Add(r.CoolDown.Duration()), subject: t.subject, Incident: t.Incident, Cell: t.Cell}
	if r.CoolDown == 0 {
		delete(r.targets, key)
	}
}

// told is that an incident has come into the stream, or has ended.
func (e *Engine) told(f Told) {
	h, ours := e.incidents[f.Incident]
	if !ours {
		return
	}
	t := h.rule.targets[h.target]
	if t.Seen = true; !f.Open {
		e.cool(h.rule, h.target, t)
	}
}

// stop switches a rule off.
func (e *Engine) stop(r *running, why string) {
	if r.stopped {
		return
	}
	r.stopped = true
	clear(e.plans)
	e.acts = append(e.acts, Act{Do: DoStop, Seq: e.seq, At: e.now, Rule: r.ID, Note: why})
}
