package tiles

import (
	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

func drawDevices(e *encoder, r cim.Reader, t Tile) {
	r.Devices(reach(cim.LayerDevices, t), stepAt(e.spec.Budget, t.Z), func(d *cim.DeviceState) bool {
		e.point(geo.Project(orb.Point{d.Lon, d.Lat}))
		if !e.shown() {
			return true
		}
		e.unique(keyID, d.ID)
		e.text(keyName, d.Name)
		e.text(keyKind, d.Kind)
		alarm := false
		for i, s := range d.Streams {
			if i == 0 && !s.Time.IsZero() {
				e.text(keyProperty, string(d.Datastreams[i].Property))
				e.number(keyValue, s.Value)
			}
			alarm = alarm || s.Alarm
		}
		e.flag(keyAlarm, alarm)
		e.flag(keySimulated, d.Simulated)
		e.feature(featureNumber(d.ID), typePoint)
		return true
	})
}

func drawUnits(e *encoder, r cim.Reader, t Tile) {
	r.Units(reach(cim.LayerUnits, t), stepAt(e.spec.Budget, t.Z), func(u *cim.UnitState) bool {
		if u.Position.Time.IsZero() {
			return true // nobody knows where it is
		}
		e.point(geo.Project(orb.Point{u.Position.Lon, u.Position.Lat}))
		if !e.shown() {
			return true
		}
		e.unique(keyID, u.ID)
		e.text(keyName, u.Name)
		e.text(keyKind, u.Kind)
		e.text(keyStatus, u.Position.Status)
		e.number(keyHeading, float64(u.Position.Heading))
		e.flag(keySimulated, u.Simulated)
		e.feature(featureNumber(u.ID), typePoint)
		return true
	})
}

func drawIncidents(e *encoder, r cim.Reader, t Tile) {
	r.Incidents(reach(cim.LayerIncidents, t), stepAt(e.spec.Budget, t.Z), func(i *cim.IncidentState) bool {
		e.point(geo.Project(orb.Point{i.Lon, i.Lat}))
		if !e.shown() {
			return true
		}
		e.unique(keyID, i.ID)
		e.text(keyClass, i.Class)
		e.text(keyTitle, i.Title)
		e.text(keyStatus, string(i.Status))
		e.number(keySeverity, float64(i.Severity))
		e.flag(keyLate, i.Late)
		e.flag(keySimulated, i.Simulated)
		e.feature(featureNumber(i.ID), typePoint)
		return true
	})
}
