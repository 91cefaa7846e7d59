package main

import (
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/incident/alarm"
)

// alarmCity is the model as the alarm rules and the cameras' way in see it.
type alarmCity struct{ snapshot func() *cim.Snapshot }

func (c alarmCity) reader() cim.Reader { return c.snapshot().In(cim.Whole()) }

func (c alarmCity) Property(id string) (name, unit string, decimals int, ok bool) {
	p, ok := cim.PropertyOf(cim.Property(id))
	return p.Name, unitSign(p.Unit), p.Decimals, ok
}

// unitSign is how people write a UCUM code of the register.
func unitSign(code string) string {
	switch code {
	case "1", "[pH]":
		return ""
	case "ug/m3":
		return "µg/m³"
	case "mg/m3":
		return "mg/m³"
	case "m3/s":
		return "m³/s"
	case "Cel":
		return "℃"
	case "deg":
		return "°"
	case "{NTU}":
		return "NTU"
	case "dB{A}":
		return "dB(A)"
	case "%{LEL}":
		return "%LEL"
	}
	return code
}

func (c alarmCity) Region(code string) string { return c.RegionName(code) }

func (c alarmCity) RegionName(code string) string {
	if r, ok := c.reader().Regions().Get(geo.Code(code)); ok {
		return r.Name
	}
	return ""
}

func (c alarmCity) Class(code string) (string, bool) {
	class, ok := cim.ClassOf(code)
	return class.Name, ok
}

// location is the city's time zone; Asia/Shanghai where it does not say.
func (c alarmCity) location() *time.Location {
	for _, name := range []string{c.reader().Profile().TimeZone, "Asia/Shanghai"} {
		if zone, err := time.LoadLocation(name); err == nil && name != "" {
			return zone
		}
	}
	return time.UTC
}

// All is the register as it stands.
func (c alarmCity) All() (all alarm.Registered) {
	r := c.reader()
	r.DevicesAfter("", func(d *cim.DeviceState) bool {
		all.Devices = append(all.Devices, c.device(d.Device))
		return true
	})
	r.UnitsAfter("", func(u *cim.UnitState) bool {
		all.Units = append(all.Units, unitOf(u.Unit))
		return true
	})
	return all
}

func (c alarmCity) device(d *cim.Device) alarm.Device {
	return alarm.Device{
		ID: d.ID, Name: d.Name, Kind: d.Kind, Lon: d.Lon, Lat: d.Lat, Region: c.At(d.Lon, d.Lat), Cell: cellAt(d.Lon, d.Lat), Simulated: d.Simulated,
	}
}

func unitOf(u *cim.Unit) alarm.Unit {
	return alarm.Unit{ID: u.ID, Name: u.Name, Kind: u.Kind, Home: string(u.Home), Simulated: u.Simulated}
}

// Camera is where a camera's device stands.
func (c alarmCity) Camera(id string) (name string, lon, lat float64, ok bool) {
	d, ok := c.reader().Device(id)
	if !ok {
		return "", 0, 0, false
	}
	return d.Name, d.Lon, d.Lat, true
}

// fact is what of a fact of the city the alarm rules read.
func (c alarmCity) fact(f cim.Fact) alarm.Fact {
	switch f := f.(type) {
	case cim.DevicesPut:
		var r alarm.Registered
		for i := range f.Devices {
			r.Devices = append(r.Devices, c.device(&f.Devices[i]))
		}
		return r
	case cim.UnitsPut:
		var r alarm.Registered
		for i := range f.Units {
			r.Units = append(r.Units, unitOf(&f.Units[i]))
		}
		return r
	case cim.Observations:
		return alarm.Observed{Observations: observed(f.Observations)}
	case cim.Positions:
		return alarm.Moved{Positions: c.moved(f.Positions)}
	case cim.IncidentPut:
		return alarm.Told{Incident: f.Incident.ID, Open: f.Incident.Status.Open()}
	}
	return nil
}

func observed(list []cim.Observation) []alarm.Observation {
	out := make([]alarm.Observation, len(list))
	for i, o := range list {
		out[i] = alarm.Observation{Device: o.Device, Property: string(o.Property), Time: o.Time, Value: o.Value}
	}
	return out
}

func (c alarmCity) moved(list []cim.Position) []alarm.Position {
	out := make([]alarm.Position, len(list))
	for i, p := range list {
		out[i] = alarm.Position{Unit: p.Unit, Time: p.Time, Lon: p.Lon, Lat: p.Lat, Region: c.At(p.Lon, p.Lat)}
	}
	return out
}
