package cim_test

import (
	"encoding/json"
	"fmt"
	"math"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// thing is something a reader sees: what it is, where, and all it tells.
type thing struct {
	bound orb.Bound
	tells string
}

// key names a thing as a Ref does.
type key struct {
	layer cim.Layer
	id    string
	cell  geo.Cell
}

// tell is v in JSON without the positions (Seq), which say when and not what.
func tell(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// see lists everything a reader can visit.
func see(r cim.Reader) map[key]thing {
	all := map[key]thing{}
	for l := range cim.Layer(cim.LayerCount) {
		r.Objects(l, whole, 0, func(o *cim.Object) bool {
			all[key{l, o.ID, 0}] = thing{o.Geometry.Bound(), tell(o)}
			return true
		})
	}
	r.Devices(whole, 0, func(d *cim.DeviceState) bool {
		s := fmt.Sprint(tell(d.Device), d.Cell, d.Seen)
		for _, st := range d.Streams {
			s += fmt.Sprint(st.Time, st.Value, st.Alarm)
		}
		all[key{cim.LayerDevices, d.ID, 0}] = thing{orb.Point{d.Lon, d.Lat}.Bound(), s}
		return true
	})
	r.Units(whole, 0, func(u *cim.UnitState) bool {
		all[key{cim.LayerUnits, u.ID, 0}] = thing{
			orb.Point{u.Position.Lon, u.Position.Lat}.Bound(), fmt.Sprint(tell(u.Unit), tell(u.Position), u.Region, u.Cell),
		}
		return true
	})
	r.Incidents(whole, 0, func(i *cim.IncidentState) bool {
		all[key{cim.LayerIncidents, i.ID, 0}] = thing{orb.Point{i.Lon, i.Lat}.Bound(), fmt.Sprint(tell(i.Incident), i.Cell, i.Late)}
		return true
	})
	r.Cells(geo.BaseResolution, whole, func(c *cim.CellState) bool {
		x := *c
		x.Seq = 0
		if math.IsNaN(x.Index) {
			x.Index = -1
		}
		all[key{cim.LayerCells, "", c.Cell}] = thing{c.Cell.Centre().Bound(), tell(x)}
		return true
	})
	return all
}
