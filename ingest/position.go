package ingest

import (
	"math"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// unitStatuses are what a unit may say of itself; "" leaves it as it was.
var unitStatuses = [...]string{"", "idle", "moving", "handling", "off"}

// position finds what is wrong with p, nil when nothing is.
func (b *batch) position(p *cim.Position) *Problem {
	state, known := b.city.Unit(p.Unit)
	if !known {
		if _, known = b.gate.units.get(p.Unit); !known {
			return unknown("/unit", p.Unit, CodeUnknownUnit, "力量未登记 / no such unit is registered",
				"an id of GET /api/v1/units, or register it with POST /api/v1/units")
		}
	}
	if problem := b.reachPosition(p); problem != nil {
		return problem
	}
	if problem := b.place(p.Lon, p.Lat); problem != nil {
		return problem
	}
	if problem := b.motion(p); problem != nil {
		return problem
	}
	if problem := b.time("/time", &p.Time); problem != nil {
		return problem
	}
	if state != nil {
		return jumped(&state.Position, p)
	}
	return nil
}

// motion checks speed, heading and status.
func (b *batch) motion(p *cim.Position) *Problem {
	speed, heading := float64(p.Speed), float64(p.Heading)
	switch {
	case math.IsNaN(speed) || math.IsInf(speed, 0):
		return notFinite("/speed", speed)
	case speed < 0 || speed > MaxSpeed:
		return &Problem{Field: "/speed", Value: number(speed), Code: CodeOutOfRange,
			Message: "速度不可能 / the speed cannot be", Expected: "0 … 120 m/s"}
	case math.IsNaN(heading) || math.IsInf(heading, 0):
		return notFinite("/heading", heading)
	case heading < 0 || heading > 360:
		return &Problem{Field: "/heading", Value: number(heading), Code: CodeOutOfRange,
			Message: "航向超出范围 / the heading is out of range", Expected: "0 … 360 degrees clockwise from north"}
	}
	for _, s := range unitStatuses {
		if p.Status == s {
			return nil
		}
	}
	return unknown("/status", p.Status, CodeUnknownCode, "状态未定义 / no such status", "idle, moving, handling or off")
}

// jumped finds a unit that is all at once where GCJ-02 would put it, faster
// than anything in a city moves.
func jumped(last, p *cim.Position) *Problem {
	dt := p.Time.Sub(last.Time).Seconds()
	if last.Time.IsZero() || dt <= 0 {
		return nil
	}
	from, to := orb.Point{last.Lon, last.Lat}, orb.Point{p.Lon, p.Lat}
	// 40 m/s is a fast vehicle; what it may have driven meanwhile hides the
	// offset only when it is a good part of it.
	const fast = 40
	if between(from, to) < fast*dt {
		return nil
	}
	return shifted(from, to, 15+fast*dt/4)
}
