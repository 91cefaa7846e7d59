package widgets

import (
	"encoding/json"
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// chart is what the charts of go-echarts have in common.
type chart interface {
	Validate()
	JSON() map[string]any
}

// option is a chart's ECharts option as JSON: no toolbox, no title (the page
// writes it), a ground that shows the page, the page's colours.
func (in *input) option(c chart) (json.RawMessage, error) {
	c.Validate()
	o := c.JSON()
	delete(o, "toolbox")
	delete(o, "title")
	o["backgroundColor"] = "transparent"
	o["color"] = in.colours.Series
	o["textStyle"] = map[string]any{"color": in.colours.Ink2}
	o["animationDurationUpdate"] = 400
	b, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("write option: %w", err)
	}
	return b, nil
}

// frame is what all charts with axes share.
func (in *input) frame(trigger string, legend bool) []charts.GlobalOpts {
	return []charts.GlobalOpts{
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: trigger}),
		charts.WithLegendOpts(opts.Legend{
			Show: opts.Bool(legend), Top: "0", Right: "0", Type: "scroll",
			TextStyle: &opts.TextStyle{Color: in.colours.Ink2},
		}),
		charts.WithGridOpts(opts.Grid{Left: "4", Right: "24", Bottom: "4", Top: top(legend), ContainLabel: opts.Bool(true)}),
	}
}

func top(legend bool) string {
	if legend {
		return "32"
	}
	return "12"
}

// labels is the text of an axis.
func (in *input) labels() *opts.AxisLabel {
	return &opts.AxisLabel{Show: opts.Bool(true), Color: in.colours.Ink2, HideOverlap: opts.Bool(true)}
}

func (in *input) hairlines() *opts.SplitLine {
	return &opts.SplitLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: in.colours.Hairline}}
}

func (in *input) axisLine() *opts.AxisLine {
	return &opts.AxisLine{Show: opts.Bool(true), LineStyle: &opts.LineStyle{Color: in.colours.Edge}}
}

// categoryX and valueY, valueX and categoryY, timeX: the axes that occur.

// categoryX shows every label when all is set, else as many as there is room for.
func (in *input) categoryX(all bool) charts.GlobalOpts {
	labels := in.labels()
	if all {
		labels.Interval = "0"
	}
	return charts.WithXAxisOpts(opts.XAxis{
		Type: "category", AxisLabel: labels, AxisLine: in.axisLine(),
		AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
	})
}

func (in *input) timeX() charts.GlobalOpts {
	return charts.WithXAxisOpts(opts.XAxis{
		Type: "time", AxisLabel: in.labels(), AxisLine: in.axisLine(),
		SplitLine: &opts.SplitLine{Show: opts.Bool(false)},
	})
}

func (in *input) valueY(name string, whole bool) charts.GlobalOpts {
	y := opts.YAxis{
		Type: "value", Name: name, AxisLabel: in.labels(), SplitLine: in.hairlines(),
		AxisLine: &opts.AxisLine{Show: opts.Bool(false)},
	}
	if whole {
		y.MinInterval = 1
	}
	return charts.WithYAxisOpts(y)
}

func (in *input) valueX(whole bool) charts.GlobalOpts {
	x := opts.XAxis{
		Type: "value", AxisLabel: in.labels(), SplitLine: in.hairlines(),
		AxisLine: &opts.AxisLine{Show: opts.Bool(false)},
	}
	if whole {
		x.MinInterval = 1
	}
	return charts.WithXAxisOpts(x)
}

// categoryY has its first entry on top.
func (in *input) categoryY() charts.GlobalOpts {
	return charts.WithYAxisOpts(opts.YAxis{
		Type: "category", Inverse: opts.Bool(true), AxisLabel: in.labels(), AxisLine: in.axisLine(),
	})
}

// bars makes the data of a series of bars.
func bars(values []float64, places int) []opts.BarData {
	data := make([]opts.BarData, len(values))
	for i, v := range values {
		data[i] = opts.BarData{Value: rounded(v, places)}
	}
	return data
}

func itemColour(c string) charts.SeriesOpts {
	return charts.WithItemStyleOpts(opts.ItemStyle{Color: c})
}

// stack puts series of one name on top of each other.
func stack(name string) charts.SeriesOpts {
	return charts.WithBarChartOpts(opts.BarChart{Stack: name})
}

// slim keeps the bars of a short list from becoming boards.
func slim(s *charts.SingleSeries) { s.BarMaxWidth = "18" }

// valueLabels writes each bar's value at its end.
func (in *input) valueLabels(position string) charts.SeriesOpts {
	return charts.WithLabelOpts(opts.Label{Show: opts.Bool(true), Position: position, Color: in.colours.Ink1})
}
