package ingest

import (
	"encoding/json"
	"time"

	"onecity/cim"
)

// ParsePosition reads what a unit says of itself over MQTT or WebSocket:
// {"time","lon","lat","speed","heading","status"}, all but the place optional; at
// is the time when it says none. The unit is the one that signed in, whatever
// the body says.
func ParsePosition(unit string, at time.Time, body []byte) (cim.Position, *Problem) {
	var told struct {
		cim.Position
		Lon *float64 `json:"lon"`
		Lat *float64 `json:"lat"`
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return cim.Position{}, MalformedJSON("", body, err)
	}
	if told.Lon == nil || told.Lat == nil {
		return cim.Position{}, &Problem{Field: "/lon,lat", Value: Shorten(string(body)), Code: CodeMissing,
			Message: "缺少坐标 / the place is missing", Expected: `{"time":…,"lon":120.98,"lat":31.38}`}
	}
	p := told.Position
	p.Unit, p.Lon, p.Lat = unit, *told.Lon, *told.Lat
	if p.Time.IsZero() {
		p.Time = at
	}
	return p, nil
}
