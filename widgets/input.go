package widgets

import (
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/internal/palette"

	"github.com/paulmach/orb"
)

// input is what a widget draws from.
type input struct {
	r       cim.Reader
	h       History
	o       Options
	now     time.Time
	region  geo.Code // the reader's, or the city's
	zone    *time.Location
	colours palette.Palette
}

func newInput(r cim.Reader, h History, o Options) *input {
	profile := r.Profile()
	in := &input{r: r, h: h, o: o, now: r.At(), region: r.Scope().Region, zone: time.UTC, colours: palette.Of(o.Theme)}
	if in.region == "" {
		in.region = profile.City
	}
	// An empty name is UTC; a name that the machine does not know is too.
	if zone, err := time.LoadLocation(profile.TimeZone); err == nil {
		in.zone = zone
	}
	return in
}

// say is one of two texts, by language.
func (in *input) say(zh, en string) string {
	if in.o.Lang == "en" {
		return en
	}
	return zh
}

// minute is the minute that runs: what the history is asked up to.
func (in *input) minute() time.Time { return in.now.Truncate(time.Minute) }

// everywhere is the whole globe: the scope narrows it.
var everywhere = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

// incidents visits all that the reader may see: open, or closed within 24 h.
func (in *input) incidents(fn func(*cim.IncidentState)) {
	in.r.Incidents(everywhere, 0, func(i *cim.IncidentState) bool { fn(i); return true })
}

func (in *input) devices(fn func(*cim.DeviceState)) {
	in.r.Devices(everywhere, 0, func(d *cim.DeviceState) bool { fn(d); return true })
}

func (in *input) units(fn func(*cim.UnitState)) {
	in.r.Units(everywhere, 0, func(u *cim.UnitState) bool { fn(u); return true })
}

// within reports whether t is in the span of time that ends now.
func (in *input) within(t time.Time, span time.Duration) bool {
	return !t.IsZero() && !t.After(in.now) && in.now.Sub(t) < span
}

// set puts v into a figure.
func (in *input) set(w *Widget, v float64, places int, unit string) {
	w.Value, w.Text, w.Unit = pointer(v, places), number(v, in.o.Lang), unit
}

// item is a figure beside the main one.
func (in *input) item(name string, v float64, places int, unit string) Item {
	return Item{Name: name, Value: pointer(v, places), Text: number(v, in.o.Lang), Unit: unit}
}
