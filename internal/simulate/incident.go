package simulate

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"onecity/cim"
	"onecity/internal/cityapi"
)

// matter is one case on its way through the loop, as those who handle it see
// it.
type matter struct {
	id       string
	class    string
	title    string
	state    string // of the loop, see docs/architecture.md; "" is not known yet
	version  int64
	due      time.Time
	lon, lat float64
	sentTo   string   // unit that the case says was sent
	offered  []string // units that an open call went to

	node      int32
	unit      *unit     // of ours, on its way or at work
	next      time.Time // when somebody takes it up again
	neglected bool      // it waits until it is past due
	people    bool      // it is of people: only units that they send do their part
	waits     bool      // for people: nothing is done until they have
	again     string    // the open one that it is a second report of
	reworked  bool
	delayed   bool
	tries     int
	done      bool
}

// desk is the people who report, decide and handle: an office that establishes,
// sends and verifies, and crews that go and work.
type desk struct {
	town   *town
	api    *cityapi.Client
	crews  *cityapi.Client // nil: nobody works, all is left to people
	log    *slog.Logger
	rng    *rand.Rand
	seed   uint64
	units  []*unit
	rate   float64 // incidents a second
	leave  float64 // share that is left to people for a while
	report time.Time
	number int
	open   []*matter
	synced time.Time
	stats  *Stats
	set    []Recorded // what is still to be reported of a recorded set
	began  time.Time
	speed  float64
}

// firstFew incidents come soon after the start, so that a screen is alive.
const firstFew = 10

// syncEvery is how often the desk looks at what others have done.
const syncEvery = 12 * time.Second

func newDesk(t *town, a, crews *cityapi.Client, o *Options, units []*unit, stats *Stats, start time.Time) *desk {
	return &desk{
		town: t, api: a, crews: crews, log: o.Log, rng: rand.New(rand.NewPCG(o.Seed, 'i')), seed: o.Seed, units: units, leave: o.Leave,
		rate: o.IncidentsPerHour / 3600, report: start.Add(2 * time.Second), synced: start, stats: stats,
		set: o.Recorded, began: start, speed: max(o.Speed, 1),
	}
}

// adopt takes up what is open: of an earlier run, of sensors, of people.
func (d *desk) adopt(ctx context.Context, now time.Time) error {
	all, err := d.api.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b cim.Incident) int { return a.Reported.Compare(b.Reported) })
	d.synced = now
	byID := make(map[string]*matter, len(d.open))
	for _, m := range d.open {
		byID[m.id] = m
	}
	there := make(map[string]bool, len(all))
	for i := range all {
		in := &all[i]
		there[in.ID] = true
		m := byID[in.ID]
		switch {
		case m == nil && (in.Simulated || d.ours(in.Unit) != nil || slices.ContainsFunc(in.Offered, func(u string) bool { return d.ours(u) != nil })):
			d.open = append(d.open, d.adopted(in, now))
		case m != nil && int64(in.Version) > m.version:
			d.learn(m, in, now)
		}
	}
	for _, m := range d.open {
		// What we lead on ourselves tells us when it has ended; what only waits for
		// others has ended when it is open no longer.
		m.done = m.done || m.waits && !there[m.id]
	}
	return nil
}

func (d *desk) adopted(in *cim.Incident, now time.Time) *matter {
	m := &matter{id: in.ID, class: in.Class, title: in.Title, lon: in.Lon, lat: in.Lat, due: in.Due, people: !in.Simulated,
		node: d.town.graph.near([2]float64{in.Lon, in.Lat}), next: d.soon(now, 5, 60)}
	m.state, m.version, m.sentTo, m.offered = in.Step, int64(in.Version), in.Unit, in.Offered
	return m
}

// learn takes in what somebody else has done. What a person does first is
// theirs to go on with for a while.
func (d *desk) learn(m *matter, in *cim.Incident, now time.Time) {
	m.state, m.version, m.sentTo, m.offered, m.due = in.Step, int64(in.Version), in.Unit, in.Offered, in.Due
	m.next, m.waits = d.soon(now, 25, 70), false
	if m.state == stateAssigned || m.state == stateOffered {
		m.next = d.soon(now, 3, 9) // whoever sends one of ours is not kept waiting
	}
	if m.unit != nil && m.unit.ID != m.sentTo {
		m.release(now)
	}
}

// ours finds a unit of the simulation.
func (d *desk) ours(id string) *unit {
	for _, u := range d.units {
		if u.ID == id {
			return u
		}
	}
	return nil
}

// step reports what is due and takes every open matter one step on where it is
// due.
func (d *desk) step(ctx context.Context, now time.Time) error {
	if now.Sub(d.report) > time.Minute { // the server was away; nobody makes up for it
		d.report = now
	}
	if err := d.recorded(ctx, now); err != nil {
		return err
	}
	for d.rate > 0 && !now.Before(d.report) {
		if err := d.newcomer(ctx, now); err != nil {
			return err
		}
		gap := time.Duration(d.rng.ExpFloat64() / d.rate * float64(time.Second))
		if d.number < firstFew {
			gap = min(gap, 4*time.Second)
		}
		d.report = d.report.Add(max(gap, 10*time.Millisecond))
	}
	if now.Sub(d.synced) >= syncEvery {
		if err := d.adopt(ctx, now); err != nil {
			return err
		}
	}
	still := d.open[:0]
	var failed error
	for _, m := range d.open {
		if failed == nil && !m.done && !now.Before(m.next) {
			failed = d.take(ctx, now, m)
		}
		if m.done || m.tries >= 5 {
			m.release(now)
			continue
		}
		still = append(still, m)
	}
	clear(d.open[len(still):])
	d.open = still
	return failed
}

func (d *desk) soon(now time.Time, from, to int) time.Time {
	return now.Add(d.quick(time.Duration(from*1000+d.rng.IntN((to-from)*1000)) * time.Millisecond))
}

// wait leaves a matter to people for a while.
func (m *matter) wait(until time.Time) {
	m.waits, m.next = true, until
}

// release lets the unit that was sent go back to its patrol.
func (m *matter) release(now time.Time) {
	if m.unit != nil {
		m.unit.free(now)
		m.unit = nil
	}
}

// fire leads a matter on in the name of who; somebody else may have done so
// before, which is theirs to do: then it goes on from where it stands.
func (d *desk) fire(ctx context.Context, who *cityapi.Client, now time.Time, m *matter, event string, input map[string]any) (ok bool, err error) {
	is, err := who.Fire(ctx, m.id, cityapi.Command{
		ID: fmt.Sprintf("sim-%d-%s-%s-%d", d.seed, m.id, event, m.version), Event: event, Version: m.version, Input: input,
	})
	if err == nil {
		m.state, m.version, m.sentTo, m.tries = is.State, is.Version, is.Unit, 0
		m.due = time.Time{}
		if is.Due != nil {
			m.due = *is.Due
		}
		return true, nil
	}
	return false, d.refused(ctx, now, m, event, err)
}

// refused goes on after an answer that is no success: an error is the line's.
func (d *desk) refused(ctx context.Context, now time.Time, m *matter, event string, err error) error {
	if !refusal(err) {
		return fmt.Errorf("%s of case %s: %w", event, m.id, err)
	}
	m.tries++
	m.next = d.soon(now, 5, 20)
	d.log.Debug("a case was led on by somebody else", "id", m.id, "event", event, "error", err)
	is, err := d.api.Case(ctx, m.id)
	if err == nil && is.Version > m.version {
		m.state, m.version, m.sentTo, m.offered = is.State, is.Version, is.Unit, is.Offered
		m.next = d.soon(now, 25, 70)
	}
	return nil
}
