package widgets

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"onecity/cim"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// drawDeviceHealth stacks, by kind, devices that are well, that raise an alarm
// and that have been silent for a quarter of an hour. A silent device's alarm
// is old: it counts as silent.
func drawDeviceHealth(_ context.Context, in *input, w *Widget) (err error) {
	type health struct {
		kind                       string
		well, alarm, silent, total float64
	}
	byKind := map[string]*health{}
	in.devices(func(d *cim.DeviceState) {
		w.Simulated = w.Simulated || d.Simulated
		h := byKind[d.Kind]
		if h == nil {
			h = &health{kind: d.Kind}
			byKind[d.Kind] = h
		}
		h.total++
		switch {
		case !in.within(d.Seen, lively):
			h.silent++
		case slices.ContainsFunc(d.Streams, func(s cim.StreamState) bool { return s.Alarm }):
			h.alarm++
		default:
			h.well++
		}
	})
	rows := make([]*health, 0, len(byKind))
	for _, h := range byKind {
		rows = append(rows, h)
	}
	slices.SortFunc(rows, func(a, b *health) int {
		return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.kind, b.kind))
	})
	names := []string{}
	var well, alarm, silent []float64
	for _, h := range rows[:min(len(rows), most)] {
		names = append(names, in.kindName(h.kind))
		well, alarm, silent = append(well, h.well), append(alarm, h.alarm), append(silent, h.silent)
	}
	bar := charts.NewBar()
	bar.SetGlobalOptions(append(in.frame("axis", true), in.valueX(true), in.categoryY())...)
	bar.SetXAxis(names).XYReversal()
	bar.AddSeries(in.say("正常", "well"), bars(well, 0), stack("devices"), slim, itemColour(in.colours.Good))
	bar.AddSeries(in.say("告警", "alarm"), bars(alarm, 0), stack("devices"), slim, itemColour(in.colours.Late))
	bar.AddSeries(in.say("失联", "silent"), bars(silent, 0), stack("devices"), slim, itemColour(in.colours.Ink3))
	w.Option, err = in.option(bar)
	return err
}

// weatherProperties are the strip's, in its order.
var weatherProperties = []cim.Property{
	"temperature", "humidity", "wind_speed", "wind_direction", "rain", "pm2_5", "pm10", "o3", "noise", "water_level",
}

// drawWeather is the mean of what live devices say now, property by property;
// of directions the mean is that of unit vectors.
func drawWeather(_ context.Context, in *input, w *Widget) error {
	type sum struct{ n, x, sin, cos float64 }
	sums := map[cim.Property]*sum{}
	for _, p := range weatherProperties {
		sums[p] = &sum{}
	}
	in.devices(func(d *cim.DeviceState) {
		for i, s := range d.Streams {
			t := sums[d.Datastreams[i].Property]
			if t == nil || !in.within(s.Time, lively) {
				continue
			}
			w.Simulated = w.Simulated || d.Simulated
			sin, cos := math.Sincos(s.Value * math.Pi / 180)
			t.n, t.x, t.sin, t.cos = t.n+1, t.x+s.Value, t.sin+sin, t.cos+cos
		}
	})
	for _, p := range weatherProperties {
		t := sums[p]
		if t.n == 0 {
			continue
		}
		mean, places := t.x/t.n, 1
		if info, ok := cim.PropertyOf(p); ok {
			places = info.Decimals
			if info.Show == cim.ShowDirection {
				mean = math.Mod(math.Atan2(t.sin, t.cos)*180/math.Pi+360, 360)
			}
		}
		item := in.item(in.propertyName(p), mean, places, propertyUnit(p))
		item.ID = string(p)
		if p == "wind_direction" {
			item.Text, item.Unit = in.bearing(mean), ""
		}
		w.Items = append(w.Items, item)
	}
	if len(w.Items) > 0 {
		w.Value, w.Text, w.Unit = w.Items[0].Value, w.Items[0].Text, w.Items[0].Unit
	}
	return nil
}

var bearings = [8]Words{
	{"北", "N"}, {"东北", "NE"}, {"东", "E"}, {"东南", "SE"}, {"南", "S"}, {"西南", "SW"}, {"西", "W"}, {"西北", "NW"},
}

// bearing is the direction that wind comes from, in words.
func (in *input) bearing(degrees float64) string {
	return bearings[int(math.Round(degrees/45))%8].In(in.o.Lang)
}

// stations is how many lines the environment chart has.
const stations = 5

// environmentProperties are those it may show: the first that any device has.
var environmentProperties = []cim.Property{"pm2_5", "pm10", "o3", "noise", "temperature", "water_level"}

// drawEnvironment is one property by station over 24 hours, a point every
// quarter of an hour; the stations with the highest values now. Without a
// history it shows the means that the stations' cells remember.
func drawEnvironment(ctx context.Context, in *input, w *Widget) error {
	property, list := in.stationsOf()
	for _, d := range list {
		w.Simulated = w.Simulated || d.Simulated
	}
	w.Title, w.Unit = w.Title+" · "+in.propertyName(property), propertyUnit(property)
	line := charts.NewLine()
	line.SetGlobalOptions(append(in.frame("axis", true), in.timeX(), in.valueY(w.Unit, false))...)
	for _, d := range list {
		points, err := in.courseOf(ctx, d, property)
		if err != nil {
			return err
		}
		line.AddSeries(d.Name, points, charts.WithLineChartOpts(opts.LineChart{ShowSymbol: opts.Bool(false), Smooth: opts.Bool(true)}))
	}
	var err error
	w.Option, err = in.option(line)
	return err
}

// stationsOf finds the property to show and the stations that observe it, the
// highest live value first.
func (in *input) stationsOf() (cim.Property, []*cim.DeviceState) {
	type station struct {
		d    *cim.DeviceState
		live bool
		v    float64
	}
	byProperty := map[cim.Property][]station{}
	in.devices(func(d *cim.DeviceState) {
		for i, s := range d.Streams {
			if p := d.Datastreams[i].Property; slices.Contains(environmentProperties, p) && !s.Time.IsZero() {
				byProperty[p] = append(byProperty[p], station{d, in.within(s.Time, time.Hour), s.Value})
			}
		}
	})
	for _, p := range environmentProperties {
		list := byProperty[p]
		if len(list) == 0 {
			continue
		}
		slices.SortFunc(list, func(a, b station) int {
			if a.live != b.live {
				if a.live {
					return -1
				}
				return 1
			}
			return cmp.Or(cmp.Compare(b.v, a.v), cmp.Compare(a.d.ID, b.d.ID))
		})
		top := make([]*cim.DeviceState, 0, stations)
		for _, s := range list[:min(len(list), stations)] {
			top = append(top, s.d)
		}
		slices.SortFunc(top, func(a, b *cim.DeviceState) int { return cmp.Compare(a.ID, b.ID) })
		return p, top
	}
	return environmentProperties[0], nil
}

// courseOf is the line of one station.
func (in *input) courseOf(ctx context.Context, d *cim.DeviceState, p cim.Property) ([]opts.LineData, error) {
	data := []opts.LineData{}
	add := func(t time.Time, v float64) {
		data = append(data, opts.LineData{Value: []any{t.UnixMilli(), rounded(v, 2)}})
	}
	if in.h != nil {
		points, err := in.h.Series(ctx, in.r.Scope(), d.ID, p, in.minute().Add(-24*time.Hour), in.minute(), 15*time.Minute)
		if err != nil {
			return nil, err
		}
		for _, q := range points {
			add(q.Time, q.Mean)
		}
	} else if c, ok := in.r.Cell(d.Cell); ok {
		for i := range c.Properties {
			if c.Properties[i].Property == p {
				for _, m := range windowMeans(c.Properties[i].Windows, in.now) {
					add(m.at, m.mean)
				}
			}
		}
	}
	for i, s := range d.Streams {
		if d.Datastreams[i].Property == p && !s.Time.IsZero() {
			add(s.Time, s.Value)
		}
	}
	return data, nil
}

// windowMean is a mean in the middle of the time it is the mean of.
type windowMean struct {
	at   time.Time
	mean float64
}

var windowSpans = [cim.WindowCount]time.Duration{time.Minute, 15 * time.Minute, time.Hour, 24 * time.Hour}

// windowMeans takes the windows apart: each longer one without the shorter one
// in it, oldest first.
func windowMeans(ws [cim.WindowCount]cim.Aggregate, now time.Time) (list []windowMean) {
	for i := cim.WindowCount - 1; i >= 0; i-- {
		a, from, to := ws[i], windowSpans[i], time.Duration(0)
		if i > 0 {
			a.Count -= min(a.Count, ws[i-1].Count)
			a.Sum -= ws[i-1].Sum
			to = windowSpans[i-1]
		}
		if a.Count > 0 {
			list = append(list, windowMean{now.Add(-(from + to) / 2), a.Mean()})
		}
	}
	return list
}
