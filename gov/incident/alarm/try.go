package alarm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Past is what was recorded.
type Past interface {
	// Observations calls fn with what the devices observed from from on, before
	// to, oldest first. Property "" is all. Where there are more than most,
	// it gives of each minute and datastream the lowest and the highest only.
	Observations(ctx context.Context, devices []string, property string, from, to time.Time, most int, fn func([]Observation) error) (thinned bool, err error)
	// Positions calls fn with where the units were, oldest first.
	Positions(ctx context.Context, units []string, from, to time.Time, fn func([]Position) error) error
}

const (
	// mostTried is how many values a trial looks at before it looks at extremes only.
	mostTried = 5_000_000
	// MaxTrial is the longest range of a trial.
	MaxTrial = 31 * 24 * time.Hour
)

// Try runs a rule over what was recorded from from on, before to, and writes
// down that it was tried. Faults for a range that makes no sense; ErrNotFound.
func (s *Service) Try(ctx context.Context, by By, id string, from, to time.Time) (Trial, error) {
	r, err := rule(ctx, s.pool, by, id, false)
	if err != nil {
		return Trial{}, err
	}
	if !to.After(from) || to.Sub(from) > MaxTrial || to.After(s.opt.Now().Add(time.Minute)) {
		return Trial{}, Faults{{Field: "/from", Message: "时段应在过去，至多 31 天 / a range in the past of at most 31 days"}}
	}
	if s.opt.Past == nil {
		return Trial{}, errors.New("try an alarm rule: there is no record to try it against")
	}
	select { // one at a time: each reads a good part of the record
	case s.trying <- struct{}{}:
		defer func() { <-s.trying }()
	case <-ctx.Done():
		return Trial{}, ctx.Err()
	}
	t, err := s.try(ctx, r, from, to)
	if err != nil {
		return Trial{}, fmt.Errorf("try alarm rule %s: %w", id, err)
	}
	tried := Tried{At: s.opt.Now().UTC().Truncate(time.Millisecond), By: by.Subject, From: from, To: to, Opened: t.Total}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		now, err := rule(ctx, tx, by, id, true)
		if err != nil {
			return err
		}
		if digestOf(now.Definition) != digestOf(r.Definition) {
			return nil // it asks for something else by now, which was not tried
		}
		_, err = tx.Exec(ctx, "update alarm.rule set tried = $2 where id = $1", id, tried)
		return err
	})
	if err != nil {
		return Trial{}, fmt.Errorf("write down the trial of alarm rule %s: %w", id, err)
	}
	return t, nil
}

// trial is a trial while it runs.
type trial struct {
	Trial
	engine *Engine
	byID   map[string]int // place in Opened
	clock  time.Time
	days   map[string]int
	zone   *time.Location
}

func (s *Service) try(ctx context.Context, r Rule, from, to time.Time) (Trial, error) {
	r.On = true
	zone := s.opt.Location()
	t := &trial{
		Trial:  Trial{From: from, To: to, Opened: []Opened{}},
		engine: New(Options{Names: s.opt.Names, Location: zone, Alone: true}),
		byID:   map[string]int{}, clock: from, days: map[string]int{}, zone: zone,
	}
	all := s.opt.Register.All()
	t.engine.Set([]Rule{r})
	t.tick(from)
	t.engine.Step(Event{At: from, Fact: all})
	t.Targets, _ = t.engine.Standing(r.ID)
	var err error
	switch {
	case r.Kind == KindFence && r.Filter.Of != "unit": // devices that are moved are not in the record
	case r.Filter.Of == "unit":
		err = t.positions(ctx, s.opt.Past, all.Units, r.Filter)
	default:
		err = t.observations(ctx, s.opt.Past, all.Devices, t.engine.rules[0])
	}
	if err != nil {
		return Trial{}, err
	}
	t.advance(to)
	t.end()
	return t.Trial, nil
}

func (t *trial) observations(ctx context.Context, past Past, devices []Device, r *running) (err error) {
	var ids []string
	for i := range devices {
		if r.looksAt(&devices[i]) {
			ids = append(ids, devices[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	one := Observed{Observations: make([]Observation, 1)}
	t.Thinned, err = past.Observations(ctx, ids, r.Filter.Property, t.From, t.To, mostTried, func(list []Observation) error {
		for _, o := range list {
			t.Observations++
			t.advance(o.Time)
			one.Observations[0] = o
			t.step(o.Time, one)
		}
		return ctx.Err()
	})
	return err
}

func (t *trial) positions(ctx context.Context, past Past, units []Unit, f Filter) error {
	var ids []string
	for _, u := range units {
		if f.takes(u.ID, u.Kind) {
			ids = append(ids, u.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return past.Positions(ctx, ids, t.From, t.To, func(list []Position) error {
		for _, p := range list {
			t.Observations++
			t.advance(p.Time)
			t.step(p.Time, Moved{Positions: []Position{p}})
		}
		return ctx.Err()
	})
}

// advance strikes the clock of every minute up to at, as the stream does.
func (t *trial) advance(at time.Time) {
	for next := t.clock.Truncate(time.Minute).Add(time.Minute); !next.After(at); next = next.Add(time.Minute) {
		t.tick(next)
	}
}

func (t *trial) tick(at time.Time) {
	t.clock = at
	t.step(at, nil)
}

func (t *trial) step(at time.Time, f Fact) {
	for _, a := range t.engine.Step(Event{At: at, Fact: f}) {
		switch a.Do {
		case DoOpen:
			t.Total++
			t.days[a.At.In(t.zone).Format(time.DateOnly)]++
			if len(t.Opened) < MaxOpened {
				t.byID[a.Incident] = len(t.Opened)
				t.Opened = append(t.Opened, Opened{Report: a.Report})
			}
		case DoClear:
			if i, ok := t.byID[a.Incident]; ok {
				over := a.At
				t.Opened[i].Over = &over
			}
		case DoStop:
			t.Stopped = a.Note
		}
	}
}

// end works out how long each lasted, and lists the days.
func (t *trial) end() {
	for i := range t.Opened {
		o := &t.Opened[i]
		end := t.To
		if o.Over != nil {
			end = *o.Over
		}
		o.Seconds = max(end.Sub(o.Since).Seconds(), 0)
	}
	last := t.To.Add(-time.Nanosecond).In(t.zone).Format(time.DateOnly)
	for day := t.From.In(t.zone); ; day = day.AddDate(0, 0, 1) {
		date := day.Format(time.DateOnly)
		if date > last {
			return
		}
		t.Days = append(t.Days, Day{date, t.days[date]})
	}
}
