package alarm

import (
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// move takes one place of a unit.
func (e *Engine) move(p *Position) {
	u := e.units[p.Unit]
	if u == nil {
		return
	}
	for _, r := range e.rules {
		if !r.live() || r.Kind != KindFence || r.Filter.Of != "unit" || !r.Filter.takes(u.ID, u.Kind) {
			continue
		}
		// Whose home is in the rule's region, or who is there.
		if !strings.HasPrefix(u.Home, r.Region) && !strings.HasPrefix(p.Region, r.Region) {
			continue
		}
		e.cross(r, "unit:"+u.ID, time.UnixMilli(p.Time.UnixMilli()).UTC(), subject{
			ID: u.ID, Name: u.Name, Kind: u.Kind, Lon: p.Lon, Lat: p.Lat, Region: p.Region, Simulated: u.Simulated,
		})
	}
}

// cross judges on which side of a rule's fence somebody is.
func (e *Engine) cross(r *running, key string, at time.Time, s subject) {
	was, known := r.sides[key]
	if known && !at.After(was.Newest) {
		return // late, or the same again
	}
	v := good
	if r.within(s) == (r.Fence.When == "enter") {
		v = bad
	}
	now := side{Newest: at, Armed: was.Armed || v == good}
	t := r.targets[key]
	if v == bad && !now.Armed && (t == nil || t.Phase != open) {
		r.sides[key] = now // it was on this side already
		return
	}
	e.judge(r, key, v, at, s)
	if t := r.targets[key]; t != nil && t.Phase == open {
		now.Armed = false
	}
	r.sides[key] = now
}

// within reports whether a place is inside the fence.
func (r *running) within(s subject) bool {
	if r.Fence.Region != "" {
		return s.Region != "" && strings.HasPrefix(s.Region, r.Fence.Region)
	}
	return planar.PolygonContains(r.fence, orb.Point{s.Lon, s.Lat})
}
