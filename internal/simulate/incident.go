package simulate

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"onecity/cim"
	"onecity/internal/cityapi"

	orbgeo "github.com/paulmach/orb/geo"
)

// matter is one incident on its way through the steps, as those who handle it
// see it.
type matter struct {
	cim.Incident
	node      int32
	unit      *unit
	next      time.Time // when somebody takes it up again
	neglected bool      // it waits until it is past due
	tries     int
}

// desk is the people who report, decide and handle.
type desk struct {
	town   *town
	api    *cityapi.Client
	log    *slog.Logger
	rng    *rand.Rand
	seed   uint64
	units  []*unit
	rate   float64 // incidents a second
	report time.Time
	number int
	open   []*matter
	stats  *Stats
}

// firstFew incidents come soon after the start, so that a screen is alive.
const firstFew = 10

func newDesk(t *town, a *cityapi.Client, o *Options, units []*unit, stats *Stats, start time.Time) *desk {
	return &desk{
		town: t, api: a, log: o.Log, rng: rand.New(rand.NewPCG(o.Seed, 'i')), seed: o.Seed, units: units,
		rate: o.IncidentsPerHour / 3600, report: start.Add(2 * time.Second), stats: stats,
	}
}

// adopt takes up what an earlier run left open.
func (d *desk) adopt(ctx context.Context, now time.Time) error {
	all, err := d.api.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	for _, in := range all {
		if in.Simulated {
			m := &matter{Incident: in, node: d.town.graph.near([2]float64{in.Lon, in.Lat}), next: d.soon(now, 5, 60)}
			d.open = append(d.open, m)
		}
	}
	slices.SortFunc(d.open, func(a, b *matter) int { return a.Reported.Compare(b.Reported) })
	return nil
}

// step reports what is due and takes every open matter one step on where it is
// due.
func (d *desk) step(ctx context.Context, now time.Time, began []episode) error {
	for _, e := range began {
		if d.rate > 0 && d.rng.Float64() < 0.8 {
			if err := d.sensed(ctx, now, e); err != nil {
				return err
			}
		}
	}
	if now.Sub(d.report) > time.Minute { // the server was away; nobody makes up for it
		d.report = now
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
	still := d.open[:0]
	for _, m := range d.open {
		if !now.Before(m.next) {
			if err := d.take(ctx, now, m); err != nil {
				return err
			}
		}
		if m.Status.Open() && m.tries < 5 {
			still = append(still, m)
		} else {
			m.release(now)
		}
	}
	d.open = still
	return nil
}

// newcomer is a report by a citizen or a grid worker.
func (d *desk) newcomer(ctx context.Context, now time.Time) error {
	c := d.draw()
	t := textOf(c.Code)
	channel := "citizen"
	if d.rng.Float64() < 0.35 {
		channel = "grid"
	}
	return d.send(ctx, now, c, d.scene(channel), t.says[d.rng.IntN(len(t.says))], channel)
}

// scene is where it happens: a grid worker finds it on the way, a citizen
// mostly where many people, and so somebody on duty, are not far.
func (d *desk) scene(channel string) int32 {
	g := d.town.graph
	if len(d.units) == 0 || channel == "citizen" && d.rng.Float64() < 0.3 {
		return int32(d.rng.IntN(len(g.at)))
	}
	n := d.units[d.rng.IntN(len(d.units))].node
	for range 4 + d.rng.IntN(12) {
		n = g.out[n][d.rng.IntN(len(g.out[n]))].to
	}
	return n
}

// draw picks a class by the weights of its texts.
func (d *desk) draw() cityapi.Class {
	total := 0.0
	for _, c := range d.town.classes {
		total += textOf(c.Code).weight
	}
	at := d.rng.Float64() * total
	for _, c := range d.town.classes {
		if at -= textOf(c.Code).weight; at < 0 {
			return c
		}
	}
	return cityapi.Class{}
}

// sensed is a report by a device that feels an episode.
func (d *desk) sensed(ctx context.Context, now time.Time, e episode) error {
	code := ""
	for _, k := range episodeKinds {
		if k.kind == e.kind {
			code = k.class
		}
	}
	for _, c := range d.town.classes {
		if c.Code == code {
			return d.send(ctx, now, c, d.town.graph.near(e.at), fmt.Sprintf("设备 %s 监测到异常，系统自动上报：%s。", e.device, c.Name), "sensor")
		}
	}
	return nil
}

func (d *desk) send(ctx context.Context, now time.Time, c cityapi.Class, n int32, says, channel string) error {
	if c.Code == "" {
		return nil
	}
	d.number++
	at := d.town.graph.at[n]
	form := url.Values{
		"service_code": {c.Code}, "description": {says}, "address_string": {d.town.address(n)},
		"lat": {strconv.FormatFloat(round6(at[1]), 'f', -1, 64)}, "long": {strconv.FormatFloat(round6(at[0]), 'f', -1, 64)},
		"channel": {channel}, "simulated": {"true"},
	}
	id, err := d.api.Report(ctx, fmt.Sprintf("sim-%d-%d-%d", d.seed, now.UnixMilli(), d.number), form)
	if cityapi.IsRefused(err, http.StatusBadRequest) { // this one will not be taken next time either
		d.stats.Refused.Add(1)
		d.log.Debug("a report was refused", "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("report an incident: %w", err)
	}
	d.stats.Reported.Add(1)
	d.open = append(d.open, &matter{
		Incident: cim.Incident{
			ID: id, Version: 1, Class: c.Code, Title: c.Name, Status: cim.StatusReported,
			Lon: at[0], Lat: at[1], Reported: now, Due: now.Add(time.Duration(c.Limit) * time.Minute),
		},
		node: n, next: d.soon(now, 5, 25), neglected: d.rng.Float64() < 0.05,
	})
	return nil
}

func (d *desk) soon(now time.Time, from, to int) time.Time {
	return now.Add(time.Duration(from*1000+d.rng.IntN((to-from)*1000)) * time.Millisecond)
}

// take does what comes next for m.
func (d *desk) take(ctx context.Context, now time.Time, m *matter) error {
	switch m.Status {
	case cim.StatusReported:
		if d.rng.Float64() < 0.06 {
			return d.update(ctx, m, cityapi.Update{Status: cim.StatusRejected, Note: "经核实，不属于城市管理受理范围，不予立案"})
		}
		m.next = d.soon(now, 3, 12)
		if m.neglected && m.Due.After(now) {
			m.next = m.Due.Add(time.Duration(5+d.rng.IntN(20)) * time.Minute)
		}
		return d.update(ctx, m, cityapi.Update{Status: cim.StatusAccepted, Note: "已立案，转属地处置"})
	case cim.StatusAccepted:
		return d.dispatch(ctx, now, m)
	case cim.StatusDispatched:
		switch {
		case m.unit == nil: // of an earlier run
			return d.dispatch(ctx, now, m)
		case !m.unit.there:
			m.next = now.Add(time.Second)
			return nil
		}
		m.next = d.soon(now, 30, 150)
		return d.update(ctx, m, cityapi.Update{Status: cim.StatusHandling, Note: m.unit.Name + " 已到达现场"})
	case cim.StatusHandling:
		m.next = d.soon(now, 10, 40)
		m.release(now)
		return d.update(ctx, m, cityapi.Update{Status: cim.StatusHandled, Note: textOf(m.Class).done})
	case cim.StatusHandled:
		m.release(now)
		return d.update(ctx, m, cityapi.Update{Status: cim.StatusClosed, Note: "核查通过，结案"})
	}
	return nil
}

// release lets the unit that was sent go back to its patrol.
func (m *matter) release(now time.Time) {
	if m.unit != nil {
		m.unit.free(now)
		m.unit = nil
	}
}

// wrongKind is how many times nearer a unit of another kind must be to be sent.
const wrongKind = 3

// dispatch sends the nearest free unit, one of the right kind if it is not too
// far.
func (d *desk) dispatch(ctx context.Context, now time.Time, m *matter) error {
	m.release(now) // an attempt that the server did not take
	u := d.nearest(m, textOf(m.Class).who)
	if u == nil {
		m.next = d.soon(now, 5, 15)
		return nil
	}
	u.send(d.town.graph, m.node)
	m.unit = u
	m.next = now.Add(2 * time.Second)
	return d.update(ctx, m, cityapi.Update{Status: cim.StatusDispatched, Unit: u.ID, Note: "派 " + u.Name + " 前往处置"})
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

// update moves m on; somebody else may have done so before us, which is theirs
// to do: we then go on from where it stands.
func (d *desk) update(ctx context.Context, m *matter, u cityapi.Update) error {
	u.Version = m.Version
	in, err := d.api.Update(ctx, m.ID, u)
	switch {
	case err == nil:
		m.Status, m.Version, m.tries = in.Status, in.Version, 0
		if in.Status == cim.StatusClosed {
			d.stats.Closed.Add(1)
		}
		return nil
	case cityapi.IsRefused(err, http.StatusConflict) || cityapi.IsRefused(err, http.StatusUnprocessableEntity) || cityapi.IsRefused(err, http.StatusNotFound):
		m.tries++
		d.log.Debug("an incident was moved on by somebody else", "id", m.ID, "error", err)
		if in, err := d.api.Incident(ctx, m.ID); err == nil {
			m.Status, m.Version = in.Status, in.Version
		}
		return nil
	}
	return fmt.Errorf("update incident %s: %w", m.ID, err)
}
