package ingest

import (
	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// May tells whether a sender may bring a fact about the thing of that id, which
// is in that region: "observation" of a device, "position" of a unit, "device",
// "unit", "incident" (a report), "update" (of an incident), "indicator" (of a
// feed), "object", and "city" (regions, formula and profile, which are of the
// whole city: region "").
type May func(what, id string, region geo.Code) bool

// For is the same Gate for a sender who may not do everything: facts about what
// the sender does not reach are refused, each with CodeNotAllowed.
func (g *Gate) For(may May) *Gate {
	h := *g
	h.may = may
	return &h
}

// By is the same Gate for a sender of that subject: whoever handles a report
// is told whose it is.
func (g *Gate) By(subject string) *Gate {
	h := *g
	h.by = subject
	return &h
}

// reach finds a fact that the sender may not bring; field names what it is about.
func (g *Gate) reach(what, field, id string, region geo.Code) *Problem {
	if g.may == nil || g.may(what, id, region) {
		return nil
	}
	return &Problem{Field: field, Value: Shorten(id), Code: CodeNotAllowed,
		Message: "超出发送者的权限范围 / the sender's rights do not reach this", Expected: "one in a region of the sender's"}
}

// regionAt is the smallest region of a place; "" where there is none.
func (b *batch) regionAt(lon, lat float64) geo.Code {
	if b.regions == nil {
		return ""
	}
	r, ok := b.regions.At(orb.Point{lon, lat})
	if !ok {
		return ""
	}
	return r.Code
}

// RegionAt is the code of the smallest region of a place; "" where there is none.
func (g *Gate) RegionAt(lon, lat float64) string {
	r, ok := g.City().Regions().At(orb.Point{lon, lat})
	if !ok {
		return ""
	}
	return string(r.Code)
}

// reachDevice is reach for a device that is being put where d says: both where
// it was and where it goes must be the sender's.
func (b *batch) reachDevice(d *cim.Device) *Problem {
	if b.gate.may == nil {
		return nil
	}
	if old, ok := b.city.Device(d.ID); ok {
		if p := b.gate.reach("device", "/id", d.ID, old.Region); p != nil {
			return p
		}
	}
	return b.gate.reach("device", "/lon,lat", d.ID, b.regionAt(d.Lon, d.Lat))
}

// reachIncident is reach for a report: it lies in the sender's regions.
func (b *batch) reachIncident(in *cim.Incident) *Problem {
	if b.gate.may == nil {
		return nil
	}
	return b.gate.reach("incident", "/lon,lat", in.ID, b.regionAt(in.Lon, in.Lat))
}

// reachUnit is reach for a unit: the region it is at home in is the sender's.
func (b *batch) reachUnit(u *cim.Unit) *Problem {
	if b.gate.may == nil {
		return nil
	}
	if old, ok := b.city.Unit(u.ID); ok {
		if p := b.gate.reach("unit", "/id", u.ID, old.Home); p != nil {
			return p
		}
	}
	return b.gate.reach("unit", "/home", u.ID, u.Home)
}

// reachPosition is reach for where a unit says it is: the unit must be the
// sender's; it may go where it is sent.
func (b *batch) reachPosition(p *cim.Position) *Problem {
	if b.gate.may == nil {
		return nil
	}
	if u, ok := b.city.Unit(p.Unit); ok {
		return b.gate.reach("position", "/unit", p.Unit, u.Home)
	}
	if u, ok := b.gate.units.get(p.Unit); ok {
		return b.gate.reach("position", "/unit", p.Unit, u.Home)
	}
	return nil // unknown, which has its own problem
}

// reachObservation is reach for the device that was looked up last.
func (b *batch) reachObservation(id string) *Problem {
	if b.gate.may == nil {
		return nil
	}
	if d, ok := b.city.Device(id); ok {
		return b.gate.reach("observation", "/device", id, d.Region)
	}
	if d, ok := b.gate.devices.get(id); ok {
		return b.gate.reach("observation", "/device", id, b.regionAt(d.Lon, d.Lat))
	}
	return nil
}

// reachObject is reach for an object: where its middle is, and where it was.
func (b *batch) reachObject(o *cim.Object) *Problem {
	if b.gate.may == nil {
		return nil
	}
	if old, ok := b.city.Object(o.ID); ok {
		if p := b.gate.reach("object", "/id", o.ID, old.Region); p != nil {
			return p
		}
	}
	at := o.Geometry.Bound().Center()
	return b.gate.reach("object", "/geometry", o.ID, b.regionAt(at[0], at[1]))
}

// reachRemoved finds an object that the sender may not take away.
func (g *Gate) reachRemoved(ids []string) *Problem {
	if g.may == nil {
		return nil
	}
	city := g.City()
	for i, id := range ids {
		if o, ok := city.Object(id); ok {
			if p := g.reach("object", "/ids", id, o.Region); p != nil {
				p.Item = i
				return p
			}
		}
	}
	return nil
}
