package widgets

import (
	"context"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// drawObservations is how many observations a second came in over the last
// hour, minute by minute. Without a history it is the rates of the windows.
func drawObservations(ctx context.Context, in *input, w *Widget) error {
	rate := in.r.Tally(in.region).Observations
	data := []opts.LineData{}
	add := func(t time.Time, v float64) {
		data = append(data, opts.LineData{Value: []any{t.UnixMilli(), rounded(v, 2)}})
	}
	if in.h != nil {
		points, err := in.h.ObservationCounts(ctx, in.r.Scope(), in.minute().Add(-time.Hour), in.minute())
		if err != nil {
			return err
		}
		for _, p := range points {
			add(p.Time.Add(30*time.Second), float64(p.Count)/60)
		}
	} else {
		for _, p := range in.windowRates() {
			add(p.at, p.mean)
		}
	}
	add(in.now, rate.PerSecond)
	in.set(w, rate.PerSecond, 1, in.say("条/秒", "/s"))
	line := charts.NewLine()
	line.SetGlobalOptions(append(in.frame("axis", false), in.timeX(), in.valueY(in.say("条/秒", "/s"), false))...)
	line.AddSeries(in.say("接入", "taken in"), data,
		charts.WithLineChartOpts(opts.LineChart{ShowSymbol: opts.Bool(false), Smooth: opts.Bool(true)}),
		itemColour(in.colours.Accent),
		charts.WithAreaStyleOpts(opts.AreaStyle{Color: in.colours.Accent, Opacity: opts.Float(0.14)}))
	var err error
	w.Option, err = in.option(line)
	return err
}

// windowRates is observations a second before the last minute, before the last
// quarter and so on, out of all cells' windows, up to an hour ago.
func (in *input) windowRates() (list []windowMean) {
	var counts [cim.WindowCount]uint64
	in.r.Cells(geo.BaseResolution, everywhere, func(c *cim.CellState) bool {
		for i := range c.Properties {
			for k, a := range c.Properties[i].Windows {
				counts[k] += a.Count
			}
		}
		return true
	})
	for i := cim.Hour; i >= cim.Quarter; i-- {
		from, to := windowSpans[i], windowSpans[i-1]
		n := counts[i] - min(counts[i], counts[i-1])
		list = append(list, windowMean{in.now.Add(-(from + to) / 2), float64(n) / (from - to).Seconds()})
	}
	return list
}
