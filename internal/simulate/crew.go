package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"onecity/internal/cityapi"
)

// answer is what a crew says to being sent, or to an open call.
func (d *desk) answer(ctx context.Context, now time.Time, m *matter) error {
	u := d.ours(m.sentTo)
	called := m.state == stateOffered
	if called {
		u = d.called(m)
	}
	if u == nil || u.busy && m.unit != u { // of people, or at work elsewhere
		m.wait(now.Add(10 * time.Second))
		return nil
	}
	if !called && !m.people && d.rng.Float64() < 0.06 {
		m.release(now)
		m.next = d.soon(now, 5, 15)
		_, err := d.fire(ctx, d.crews, now, m, "decline", map[string]any{"reason": "正在处置其他任务，无法及时到场"})
		return err
	}
	m.next = now.Add(2 * time.Second)
	input := map[string]any{}
	if called {
		input["unit"] = u.ID
	}
	ok, err := d.fire(ctx, d.crews, now, m, "accept", input)
	if ok {
		m.unit = u
		u.send(d.town.graph, m.node)
	} else if m.unit == u {
		m.release(now)
	}
	return err
}

// called is the free unit of ours that is nearest among those that an open call
// went to.
func (d *desk) called(m *matter) (best *unit) {
	for _, u := range d.units {
		if !u.busy && slices.Contains(m.offered, u.ID) && (best == nil || m.closer(u, best)) {
			best = u
		}
	}
	return best
}

func (m *matter) closer(a, b *unit) bool {
	square := func(u *unit) float64 {
		x, y := u.at[0]-m.lon, u.at[1]-m.lat
		return x*x + y*y
	}
	return square(a) < square(b)
}

// crew is the unit of a matter that somebody must have accepted; nil when it is
// none of ours.
func (d *desk) crew(m *matter) *unit {
	if m.unit == nil {
		if u := d.ours(m.sentTo); u != nil && !u.busy { // of an earlier run
			m.unit = u
			u.send(d.town.graph, m.node)
		}
	}
	return m.unit
}

// arrive tells when the unit is there.
func (d *desk) arrive(ctx context.Context, now time.Time, m *matter) error {
	u := d.crew(m)
	switch {
	case u == nil:
		m.wait(now.Add(10 * time.Second))
		return nil
	case !u.there:
		m.next = now.Add(time.Second)
		return nil
	}
	m.next = d.soon(now, 30, 150)
	_, err := d.fire(ctx, d.crews, now, m, "arrive", map[string]any{"lon": round6(u.at[0]), "lat": round6(u.at[1])})
	return err
}

// finish proves and ends the work, or asks for more time once.
func (d *desk) finish(ctx context.Context, now time.Time, m *matter) error {
	u := d.crew(m)
	if u == nil {
		m.wait(now.Add(10 * time.Second))
		return nil
	}
	if !m.delayed && d.rng.Float64() < 0.03 {
		m.delayed, m.next = true, d.soon(now, 20, 60)
		_, err := d.fire(ctx, d.crews, now, m, "ask-delay", map[string]any{
			"reason": "需当事人限期整改", "until": now.AddDate(0, 0, 1).Format(time.DateOnly)})
		return err
	}
	m.next = d.soon(now, 10, 40)
	err := d.crews.Prove(ctx, m.id, cityapi.Photo{
		ID: fmt.Sprintf("sim-%d-after-%d", d.seed, m.version), Phase: "after", Name: "after.jpg", Taken: now,
		Body: snapshot(m.id, now), Lon: round6(u.at[0]), Lat: round6(u.at[1]),
	})
	if err != nil {
		return d.refused(ctx, now, m, "prove", err)
	}
	ok, err := d.fire(ctx, d.crews, now, m, "finish", map[string]any{"result": textOf(m.class).done})
	if ok {
		d.stats.Handled.Add(1)
		m.release(now)
	}
	return err
}
