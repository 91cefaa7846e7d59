package alarm

import (
	"fmt"
	"time"

	"onecity/geo"
)

const (
	// maxErrors in a row stop a rule: it is wrong for the devices it looks at.
	maxErrors = 100
	// maxMinute is what a rule's expression may cost in a minute of the stream's
	// time, in steps: about a second's work of one core.
	maxMinute = 20_000_000
)

// express looks with a rule's expression at a device.
func (e *Engine) express(r *running, d *Device, s *series, at time.Time) {
	if r.stopped {
		return
	}
	cost := r.when.cost
	if r.until != nil {
		cost += r.until.cost
	}
	if r.spent += cost; r.spent > maxMinute {
		e.stop(r, fmt.Sprintf("表达式代价过高：一分钟超过 %[1]d 步 / the expression costs too much: more than %[1]d steps a minute", maxMinute))
		return
	}
	env := e.env(r, d, s)
	v, err := r.verdict(&e.machine, &env)
	if err != nil {
		if r.errors++; r.errors >= maxErrors {
			e.stop(r, fmt.Sprintf("表达式连续 %d 次出错：%v / the expression failed %[1]d times in a row: %[2]v", maxErrors, err))
		}
		return
	}
	r.errors = 0
	e.judge(r, "device:"+d.ID, v, at, subjectOf(d, s.Value))
}

func (r *running) verdict(m *machine, env *Env) (verdict, error) {
	yes, err := r.when.holds(m, env)
	switch {
	case err != nil:
		return good, err
	case yes:
		return bad, nil
	case r.until == nil:
		return good, nil
	}
	over, err := r.until.holds(m, env)
	if over {
		return good, err
	}
	return between, err
}

// env is what the expression sees; what it does not speak of is not worked out.
func (e *Engine) env(r *running, d *Device, s *series) Env {
	env := Env{
		Value: s.Value, Silent: e.now.Sub(later(e.heard(r, d.ID), e.listening)).Minutes(), Property: r.Filter.Property, Region: d.Region,
		Device: DeviceInWord{ID: d.ID, Name: d.Name, Kind: d.Kind},
	}
	if r.mentions("mean15m") {
		env.Mean15m = s.mean(windowOf)
	}
	if r.mentions("max15m") {
		_, env.Max15m = s.lowHigh(windowOf)
	}
	if r.mentions("rate") {
		env.Rate = s.rate(windowOf)
	}
	if r.mentions("cell") {
		env.Cell = geo.Cell(d.Cell).String()
	}
	if r.mentions("hour") || r.mentions("weekday") {
		local := s.Newest.In(e.opt.Location)
		env.Hour, env.Weekday = local.Hour(), (int(local.Weekday())+6)%7+1
	}
	if r.mentions("neighbours") {
		env.Neighbours = e.neighbours(r, d, s.Newest)
	}
	return env
}

// neighbours are the other devices in the cell and the six around it that the
// rule looks at, by cell and id.
func (e *Engine) neighbours(r *running, d *Device, at time.Time) (list []Neighbour) {
	for _, c := range e.disk(d.Cell, 1) {
		for _, id := range e.inCell[uint64(c)] {
			s := e.series[stream{id, r.Filter.Property}]
			if id == d.ID || s == nil || !r.looksAt(e.devices[id]) {
				continue
			}
			list = append(list, Neighbour{ID: id, Value: s.Value, Mean15m: s.mean(windowOf), Age: max(at.Sub(s.Newest).Minutes(), 0)})
			if len(list) == maxNeighbours {
				return list
			}
		}
	}
	return list
}

// quiet looks at devices that have said nothing in the last minute, with an
// expression that speaks of silence.
func (e *Engine) quiet(r *running) {
	for _, d := range e.watched(r) {
		s := e.series[stream{d.ID, r.Filter.Property}]
		if s == nil {
			e.heard(r, d.ID)
			s = &series{Newest: e.now}
		}
		if e.now.Sub(e.heard(r, d.ID)) >= time.Minute {
			e.express(r, d, s, e.now)
		}
	}
}
