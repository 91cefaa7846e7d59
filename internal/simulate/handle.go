package simulate

import (
	"context"
	"math"
	"net/http"
	"slices"
	"time"

	"onecity/internal/cityapi"

	orbgeo "github.com/paulmach/orb/geo"
)

// The states of the loop that the simulation takes part in.
const (
	stateReported    = "reported"
	stateEstablished = "established"
	stateOffered     = "offered"
	stateAssigned    = "assigned"
	stateAccepted    = "accepted"
	stateHandling    = "handling"
	stateDelaying    = "delaying"
	stateHandled     = "handled"
	stateClosed      = "closed"
)

// take does what comes next for m.
func (d *desk) take(ctx context.Context, now time.Time, m *matter) error {
	if d.crews == nil {
		m.wait(now.Add(time.Minute)) // people do it all
		return nil
	}
	switch m.state {
	case stateReported, stateEstablished, stateDelaying, stateHandled:
		if m.people { // their case is theirs to decide about
			m.wait(now.Add(10 * time.Second))
			return nil
		}
	}
	m.waits = false
	switch m.state {
	case stateReported:
		return d.judge(ctx, now, m)
	case stateEstablished:
		return d.dispatch(ctx, now, m)
	case stateAssigned, stateOffered:
		return d.answer(ctx, now, m)
	case stateAccepted:
		return d.arrive(ctx, now, m)
	case stateHandling:
		return d.finish(ctx, now, m)
	case stateDelaying:
		m.next = d.soon(now, 20, 60)
		_, err := d.fire(ctx, d.api, now, m, "grant-delay", map[string]any{"note": "情况属实，同意延期"})
		return err
	case stateHandled:
		return d.verify(ctx, now, m)
	case "suspended", "external": // people put it there, and people take it up again
		m.release(now)
		m.wait(now.Add(30 * time.Second))
		return nil
	}
	m.done = true
	return nil
}

// judge establishes a report, rejects it, or finds that it is known already.
func (d *desk) judge(ctx context.Context, now time.Time, m *matter) error {
	m.next = d.soon(now, 3, 12)
	if m.version < 2 { // a report becomes a case a moment after it was accepted
		is, err := d.api.Case(ctx, m.id)
		if cityapi.IsRefused(err, http.StatusNotFound) {
			m.next, m.tries = d.soon(now, 2, 4), m.tries+1
			return nil
		}
		if err != nil {
			return d.refused(ctx, now, m, "read", err)
		}
		m.state, m.version, m.tries = is.State, is.Version, 0
		if is.Due != nil {
			m.due = *is.Due
		}
		if m.state != stateReported { // a person was faster
			m.next = d.soon(now, 25, 70)
			return nil
		}
	}
	if m.again != "" {
		if merged, err := d.merge(ctx, now, m); merged || err != nil {
			return err
		}
	}
	if d.rng.Float64() < 0.05 {
		_, err := d.fire(ctx, d.api, now, m, "reject", map[string]any{"reason": "经核实，不属于城市管理受理范围，不予立案"})
		return err
	}
	if m.neglected && m.due.After(now) {
		m.neglected, m.next = false, m.due.Add(time.Duration(5+d.rng.IntN(20))*time.Minute)
		return nil
	}
	_, err := d.fire(ctx, d.api, now, m, "establish", map[string]any{"note": "已立案，转属地处置"})
	return err
}

// merge makes a second report part of the first, if the server finds them
// alike too.
func (d *desk) merge(ctx context.Context, now time.Time, m *matter) (merged bool, err error) {
	into := m.again
	m.again = ""
	list, err := d.api.Alike(ctx, m.id)
	if err != nil {
		return true, d.refused(ctx, now, m, "look for what is alike", err)
	}
	if !slices.ContainsFunc(list, func(a cityapi.Alike) bool { return a.Case.ID == into }) {
		return false, nil
	}
	is, err := d.api.Merge(ctx, m.id, into, m.version, "同一地点、同类问题，重复上报")
	if err != nil {
		return true, d.refused(ctx, now, m, "merge", err)
	}
	m.state, m.version, m.done = is.State, is.Version, true
	d.stats.Merged.Add(1)
	return true, nil
}

// wrongKind is how many times nearer a unit of another kind must be to be sent.
const wrongKind = 3

// dispatch sends the nearest free unit, one of the right kind if it is not too
// far.
func (d *desk) dispatch(ctx context.Context, now time.Time, m *matter) error {
	m.release(now) // an attempt that the server did not take
	u := d.nearest(m, textOf(m.class).who)
	if u == nil {
		m.next = d.soon(now, 5, 15)
		return nil
	}
	m.next = d.soon(now, 2, 8)
	ok, err := d.fire(ctx, d.api, now, m, "assign", map[string]any{"unit": u.ID, "note": "派 " + u.Name + " 前往处置"})
	if ok {
		m.unit = u
		u.busy = true // it is spoken for
	}
	return err
}

func (d *desk) nearest(m *matter, kind string) (best *unit) {
	at := d.town.graph.at[m.node]
	least := math.Inf(1)
	for _, u := range d.units {
		if u.busy {
			continue
		}
		far := orbgeo.Distance(u.at, at)
		if u.Unit.Kind != kind {
			far *= wrongKind
		}
		if far < least {
			best, least = u, far
		}
	}
	return best
}

// verify closes what was handled, or sends it back once; some of the reporters
// say what they think of it.
func (d *desk) verify(ctx context.Context, now time.Time, m *matter) error {
	m.release(now)
	m.next = d.soon(now, 3, 15)
	if !m.reworked && d.rng.Float64() < 0.07 {
		m.reworked = true
		_, err := d.fire(ctx, d.api, now, m, "rework", map[string]any{"reason": "核查发现现场仍有遗留，请再次处置"})
		return err
	}
	ok, err := d.fire(ctx, d.api, now, m, "close", map[string]any{"note": "核查通过，结案"})
	if !ok {
		return err
	}
	d.stats.Closed.Add(1)
	m.done = true
	if d.rng.Float64() >= 0.35 {
		return nil
	}
	stars := []int{5, 5, 5, 4, 4, 3, 2}[d.rng.IntN(7)]
	if err := d.api.Rate(ctx, m.id, stars, []string{"", "处理及时，谢谢", "还可以再快些"}[d.rng.IntN(3)]); err != nil && !refusal(err) {
		return err
	}
	return nil
}
