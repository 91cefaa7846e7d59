package alarm

import "time"

// observe takes one value.
func (e *Engine) observe(o *Observation) {
	k := stream{o.Device, o.Property}
	p := e.planOf(k)
	if len(p.rules) == 0 && len(p.silent) == 0 {
		return
	}
	d := e.devices[o.Device]
	key := "device:" + o.Device
	for _, r := range p.silent {
		r.heard[o.Device] = e.now
		e.judge(r, key, good, e.now, subjectOf(d, 0))
	}
	if len(p.rules) == 0 {
		return
	}
	at := time.UnixMilli(o.Time.UnixMilli()).UTC()
	s := e.series[k]
	if s == nil {
		s = &series{}
		e.series[k] = s
	}
	late := !at.After(s.Newest)
	if late && at.Equal(s.Newest) {
		return // the same observation again
	}
	if p.long > 0 {
		s.remember(at, o.Value, p.long)
	}
	if late {
		e.late(p, key, d, s, o, at)
		return
	}
	s.Newest, s.Value = at, o.Value
	for _, r := range p.rules {
		switch r.Kind {
		case KindThreshold:
			e.judge(r, key, r.Threshold.judge(o.Value), at, subjectOf(d, o.Value))
		case KindRate:
			e.judge(r, key, r.Rate.judge(s), at, subjectOf(d, o.Value))
		case KindGroup:
			e.group(r, d, s)
		case KindExpression:
			r.heard[o.Device] = e.now
			e.express(r, d, s, at)
		}
	}
}

// late takes a value that is older than one that was taken.
func (e *Engine) late(p *plan, key string, d *Device, s *series, o *Observation, at time.Time) {
	for _, r := range p.rules {
		switch r.Kind {
		case KindThreshold:
			e.judgeLate(r, key, r.Threshold.judge(o.Value), at, s.Newest)
		case KindRate: // the window is another now
			e.judge(r, key, r.Rate.judge(s), s.Newest, subjectOf(d, s.Value))
		}
	}
}

func (t *Threshold) judge(v float64) verdict {
	switch {
	case compares(v, t.Compare, t.Limit):
		return bad
	case t.Until == nil || !compares(v, t.Compare, *t.Until):
		return good
	}
	return between
}

func (r *Rate) judge(s *series) verdict {
	low, high := s.lowHigh(r.Within.Duration())
	change := 0.0
	if r.Direction != "fall" {
		change = s.Value - low
	}
	if r.Direction != "rise" {
		change = max(change, high-s.Value)
	}
	until := r.By / 2
	if r.Until != nil {
		until = *r.Until
	}
	switch {
	case change >= r.By:
		return bad
	case change < until:
		return good
	}
	return between
}
