package cim

import (
	"encoding/json"
	"fmt"
	"math"

	"onecity/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// encodeRegister writes what stands apart from the objects: what facts are
// counted in and who may send them. It must be as of the checkpoint's position:
// an observation of a device that moves later belongs to the cell it was in.
// Objects are no part of it. They are many, and nothing is counted in them:
// newer ones come to the same when the facts since are folded over them.
func (s *state) encodeRegister(e *encoder) {
	e.json(s.profile)
	e.json(s.formula)
	e.json(s.privacy)
	e.uint(uint64(len(s.regions.All())))
	for _, r := range s.regions.All() {
		e.region(r)
	}
	e.uint(uint64(s.deviceIDs.Len()))
	s.deviceIDs.Scan(func(_ string, slot uint32) bool {
		e.device(s.devices.at(slot).Device)
		return true
	})
	e.uint(uint64(s.unitIDs.Len()))
	s.unitIDs.Scan(func(_ string, slot uint32) bool {
		e.unit(s.units.at(slot).Unit)
		return true
	})
}

func (e *encoder) region(r *geo.Region) {
	for _, s := range []string{string(r.Code), r.Name, r.NameEn, string(r.Parent)} {
		e.string(s)
	}
	e.uint(uint64(r.Level))
	e.float(r.Centre[0])
	e.float(r.Centre[1])
	e.bool(r.Made)
	if e.bool(len(r.Geometry) > 0); len(r.Geometry) > 0 {
		e.geometry(r.Geometry)
	}
}

func (e *encoder) device(d *Device) {
	for _, s := range []string{d.ID, d.Name, d.Kind} {
		e.string(s)
	}
	e.float(d.Lon)
	e.float(d.Lat)
	e.uint(uint64(d.Grade))
	e.bool(d.Simulated)
	e.uint(uint64(len(d.Datastreams)))
	for _, s := range d.Datastreams {
		e.string(string(s.Property))
		e.string(s.Unit)
	}
}

func (e *encoder) unit(u *Unit) {
	for _, s := range []string{u.ID, u.Name, u.Kind, u.Org, string(u.Home)} {
		e.string(s)
	}
	e.uint(uint64(u.Grade))
	e.bool(u.Simulated)
}

// registerPage is how many devices or units one fact of a restored register holds.
const registerPage = 4096

// restoreRegister takes in what encodeRegister wrote.
func (m *Model) restoreRegister(d *decoder) {
	var profile Profile
	var formula Formula
	var privacy Privacy
	d.json(&profile)
	d.json(&formula)
	d.json(&privacy)
	var regions []geo.Region
	d.times(func() { regions = append(regions, d.region()) })
	if d.err != nil {
		return
	}
	m.take(profile)
	m.take(RegionsPut{Regions: regions})
	m.take(FormulaPut{Formula: formula})
	m.take(PrivacyPut{Privacy: privacy})
	var devices []Device
	d.times(func() {
		if devices = append(devices, d.device(m)); len(devices) == registerPage && d.err == nil {
			m.take(DevicesPut{Devices: devices})
			devices = devices[:0]
		}
	})
	var units []Unit
	d.times(func() { units = append(units, d.unit(m)) })
	if d.err != nil {
		return
	}
	m.take(DevicesPut{Devices: devices})
	m.take(UnitsPut{Units: units})
}

func (d *decoder) region() (r geo.Region) {
	r.Code, r.Name, r.NameEn, r.Parent = geo.Code(d.string()), d.string(), d.string(), geo.Code(d.string())
	r.Level = geo.Level(d.uint())
	r.Centre = orb.Point{d.float(), d.float()}
	r.Made = d.bool()
	if !(math.Abs(r.Centre[0]) <= maxValue && math.Abs(r.Centre[1]) <= maxValue) {
		d.fail(fmt.Errorf("%w: the centre of region %s", errBroken, r.Code))
	}
	if !d.bool() {
		return r
	}
	b := d.bytes()
	if d.err != nil {
		return r
	}
	g, err := wkb.Unmarshal(b)
	if err != nil {
		d.fail(fmt.Errorf("%w: the geometry of region %s: %w", errBroken, r.Code, err))
		return r
	}
	shape, ok := g.(orb.MultiPolygon)
	if !ok {
		d.fail(fmt.Errorf("%w: the geometry of region %s is a %s", errBroken, r.Code, g.GeoJSONType()))
	}
	r.Geometry = shape
	return r
}

func (d *decoder) device(m *Model) (v Device) {
	v.ID, v.Name, v.Kind = d.string(), d.string(), m.word(d.string())
	v.Lon, v.Lat = d.float(), d.float()
	v.Grade = Grade(d.uint())
	v.Simulated = d.bool()
	d.times(func() {
		v.Datastreams = append(v.Datastreams, Datastream{Property(m.word(d.string())), m.word(d.string())})
	})
	return v
}

func (d *decoder) unit(m *Model) (u Unit) {
	u.ID, u.Name, u.Kind = d.string(), d.string(), m.word(d.string())
	u.Org, u.Home = m.word(d.string()), geo.Code(m.word(d.string()))
	u.Grade = Grade(d.uint())
	u.Simulated = d.bool()
	return u
}

func (d *decoder) bool() bool { return d.uint() != 0 }

func (d *decoder) json(v any) {
	b := d.bytes()
	if d.err != nil {
		return
	}
	if err := json.Unmarshal(b, v); err != nil {
		d.fail(fmt.Errorf("%w: %w", errBroken, err))
	}
}
