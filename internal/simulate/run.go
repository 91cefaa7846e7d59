package simulate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"onecity/cim"
	"onecity/internal/cityapi"
)

// source names the simulation in the events it causes.
const source = "/simulate"

// tick is one step of the timeline.
const tick = 250 * time.Millisecond

// tooLate is how far behind the clock a run may fall before the timeline jumps
// ahead: what is on the map shall be now, not a minute ago.
const tooLate = 3 * time.Second

// Run simulates until ctx ends or Options.For is over. It waits for a server
// that is not up yet and goes on after one that was away. An error is about the
// options only.
func Run(ctx context.Context, o Options) (*Stats, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Retry == 0 {
		o.Retry = time.Second
	}
	if o.Pace == nil {
		o.Pace = byClock
	}
	r := &run{Options: o, api: cityapi.New(o.URL, source).As(o.Token), stats: &Stats{}}
	if o.Workers != "" {
		r.crews = cityapi.New(o.URL, source).As(o.Workers)
	} else {
		o.Log.Info("no crews: reports are left to people 没有作业队凭证，案件由人办理")
	}
	defer r.lines.close()
	if err := r.insist(ctx, "read the map", r.prepare); err != nil {
		return r.stats, ended(err)
	}
	if err := r.insist(ctx, "register", r.register); err != nil {
		return r.stats, ended(err)
	}
	r.open(ctx)
	if err := r.insist(ctx, "read the open incidents", func(ctx context.Context) error { return r.desk.adopt(ctx, r.Start) }); err != nil {
		return r.stats, ended(err)
	}
	o.Log.Info("simulating 模拟开始", "city", r.town.info.Name, "devices", len(r.devices), "units", len(r.units),
		"corners", len(r.town.graph.at), "shores", len(r.town.shores), "rate", o.Rate, "seed", o.Seed)
	return r.stats, ended(r.loop(ctx))
}

// ended: to be told to stop is no error.
func ended(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// run is one simulation.
type run struct {
	Options
	api   *cityapi.Client
	crews *cityapi.Client // nil: nobody works
	stats *Stats

	town    *town
	devices []*device
	units   []*unit
	field   *field
	desk    *desk
	lines   lines
	carry   float64   // observations due and not sent yet
	turn    int       // whose turn it is to observe
	rest    time.Time // the server is left alone until then, after an error
	strange bool      // the server does not know our devices or units
	told    time.Time // of the last summary
	lament  string    // the last error that was logged
}

// insist repeats what needs the server until it succeeds.
func (r *run) insist(ctx context.Context, what string, do func(context.Context) error) error {
	for said := ""; ; {
		err := do(ctx)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if err.Error() != said {
			said = err.Error()
			r.Log.Info("waiting for the server 等待服务就绪", "to", what, "error", err)
		}
		select {
		case <-time.After(r.Retry):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// errLoading: the map was another one a moment ago.
var errLoading = errors.New("the city is being loaded")

// prepare reads the map; one that still grows is read again.
func (r *run) prepare(ctx context.Context) (err error) {
	before := r.town
	if r.town, err = readTown(ctx, r.api); err != nil {
		return err
	}
	if before == nil || len(before.graph.at) != len(r.town.graph.at) || len(before.shores) != len(r.town.shores) {
		return errLoading
	}
	if r.Start.IsZero() {
		r.Start = time.Now().UTC().Truncate(time.Millisecond)
	}
	r.devices = placeDevices(r.town, r.Seed, r.Devices)
	r.units = placeUnits(r.town, r.Seed, r.Units, r.Start)
	r.field = &field{r.town, newEpisodes(r.Seed, r.devices, r.Start)}
	r.desk = newDesk(r.town, r.api, r.crews, &r.Options, r.units, r.stats, r.Start)
	return nil
}

// register makes devices and units known, and gets passwords for those that
// have a line of their own.
func (r *run) register(ctx context.Context) error {
	devices := make([]cim.Device, len(r.devices))
	for i, d := range r.devices {
		devices[i] = d.Device
	}
	units := make([]cim.Unit, len(r.units))
	for i, u := range r.units {
		units[i] = u.Unit
	}
	known, err := r.api.Devices(ctx, devices)
	if err != nil {
		return err
	}
	more, err := r.api.Units(ctx, units)
	if err != nil {
		return err
	}
	for id, p := range more {
		known[id] = p
	}
	return r.lines.passwords(ctx, r, known)
}

func (r *run) loop(ctx context.Context) error {
	r.told = r.Start
	for k := time.Duration(0); r.For == 0 || k*tick < r.For; k++ {
		now := r.Start.Add(k * tick)
		late, err := r.Pace(ctx, now)
		if err != nil {
			return err
		}
		if late > tooLate {
			r.Start = r.Start.Add(late.Truncate(time.Millisecond))
			now = r.Start.Add(k * tick)
		}
		r.step(ctx, now)
	}
	return nil
}

// step is one moment of the city.
func (r *run) step(ctx context.Context, now time.Time) {
	r.field.episodes.step(now)
	for _, u := range r.units {
		u.step(r.town.graph, now, time.Duration(float64(tick)*max(r.Speed, 1)))
	}
	if now.Before(r.rest) {
		return
	}
	if r.strange {
		if err := r.register(ctx); err != nil {
			r.failed(now, err)
			return
		}
		r.strange = false
	}
	for _, do := range []func() error{
		func() error { return r.observe(ctx, now) },
		func() error { return r.tell(ctx, now) },
		func() error { return r.desk.step(ctx, now) },
	} {
		if err := do(); err != nil {
			r.failed(now, err)
			return
		}
	}
	r.lament = ""
	if now.Sub(r.told) >= 30*time.Second {
		r.told = now
		r.Log.Info("simulating 模拟中", "observations", r.stats.Observations.Load(), "positions", r.stats.Positions.Load(),
			"reported", r.stats.Reported.Load(), "handled", r.stats.Handled.Load(), "closed", r.stats.Closed.Load(), "open", len(r.desk.open),
			"refused", r.stats.Refused.Load(), "lost", r.stats.Lost.Load())
	}
}

// failed leaves the server alone for a moment, and says why once.
func (r *run) failed(now time.Time, err error) {
	r.rest = now.Add(2 * time.Second)
	var no *cityapi.Refused
	if errors.As(err, &no) && (slices.Contains(no.Codes, "unknown-device") || slices.Contains(no.Codes, "unknown-unit")) {
		r.strange = true
	}
	if r.lament != err.Error() {
		r.lament = err.Error()
		r.Log.Warn("the server did not take something; trying again", "error", err)
	}
}

// observe lets as many devices speak as the rate asks for, in turn.
func (r *run) observe(ctx context.Context, now time.Time) error {
	if len(r.devices) == 0 {
		return nil
	}
	r.carry += r.Rate * tick.Seconds()
	var batch []cim.Observation
	// Nobody speaks twice at the same moment: the second would be the first.
	for spoken := 0; r.carry >= 1; spoken++ {
		if spoken == len(r.devices) {
			r.carry = 0
			break
		}
		i := r.turn % len(r.devices)
		d := r.devices[i]
		r.turn++
		r.carry -= float64(len(d.Datastreams))
		values := make(map[string]float64, len(d.Datastreams))
		for _, s := range d.Datastreams {
			v := r.field.value(d, s.Property, now)
			values[string(s.Property)] = v
			batch = append(batch, cim.Observation{Device: d.ID, Property: s.Property, Time: now, Value: v})
		}
		if r.lines.device(i, now, values, r) {
			batch = batch[:len(batch)-len(d.Datastreams)]
		}
	}
	for len(batch) > 0 {
		some := batch[:min(len(batch), 5000)]
		batch = batch[len(some):]
		n, err := r.api.Observe(ctx, some)
		if err != nil {
			return fmt.Errorf("send observations: %w", err)
		}
		r.stats.Observations.Add(int64(n))
		r.stats.Refused.Add(int64(len(some) - n))
	}
	return nil
}

// tell lets the units that are due say where they are.
func (r *run) tell(ctx context.Context, now time.Time) error {
	var batch []cim.Position
	for i, u := range r.units {
		if now.Before(u.due) {
			continue
		}
		u.due = now.Add(u.every())
		p := u.position(now)
		if !r.lines.unit(ctx, i, now, p, r) {
			batch = append(batch, p)
		}
	}
	if len(batch) == 0 {
		return nil
	}
	n, err := r.api.Move(ctx, batch)
	if err != nil {
		return fmt.Errorf("send positions: %w", err)
	}
	r.stats.Positions.Add(int64(n))
	r.stats.Refused.Add(int64(len(batch) - n))
	return nil
}
