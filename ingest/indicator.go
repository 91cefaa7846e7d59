package ingest

import (
	"math"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// indicator finds what is wrong with i, nil when nothing is.
func (b *batch) indicator(i *cim.Indicator) *Problem {
	if p := checkID("/feed", i.Feed); p != nil {
		return p
	}
	if i.Key == "" {
		return &Problem{Field: "/key", Code: CodeMissing, Message: "缺少主键 / the key is missing", Expected: "the row's key"}
	}
	if p := checkText("/key", i.Key, MaxName); p != nil {
		return p
	}
	if i.Name == "" {
		return &Problem{Field: "/name", Code: CodeMissing, Message: "缺少指标名 / the name is missing", Expected: "the indicator's name"}
	}
	if p := checkText("/name", i.Name, MaxName); p != nil {
		return p
	}
	if p := checkText("/unit", i.Unit, MaxName); p != nil {
		return p
	}
	if math.IsNaN(i.Value) || math.IsInf(i.Value, 0) {
		return notFinite("/value", i.Value)
	}
	if p := b.place(i.Lon, i.Lat); p != nil {
		return p
	}
	if b.gate.may != nil {
		if p := b.gate.reach("indicator", "/lon,lat", i.Feed+"/"+i.Key, b.regionAt(i.Lon, i.Lat)); p != nil {
			return p
		}
	}
	// A feed about a device of the register gives the device's own place.
	if d, ok := b.city.Device(i.Key); ok {
		if p := shifted(orb.Point{d.Lon, d.Lat}, orb.Point{i.Lon, i.Lat}, 5); p != nil {
			return p
		}
	}
	return b.time("/time", &i.Time)
}
