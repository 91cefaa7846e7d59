package widgets

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"onecity/cim"
	"onecity/geo"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// drawTopCells shows the ten cells with the highest composite index, each with
// what makes it high. Items carry the cells' H3 indexes, so that a screen can
// go there.
func drawTopCells(_ context.Context, in *input, w *Widget) (err error) {
	const ten = 10
	var top []*cim.CellState
	order := func(a, b *cim.CellState) int {
		return cmp.Or(cmp.Compare(b.Index, a.Index), cmp.Compare(a.Cell, b.Cell))
	}
	in.r.Cells(geo.BaseResolution, everywhere, func(c *cim.CellState) bool {
		if math.IsNaN(c.Index) || c.Index <= 0 {
			return true
		}
		if len(top) == ten && order(c, top[ten-1]) > 0 {
			return true
		}
		i, _ := slices.BinarySearchFunc(top, c, order)
		top = slices.Insert(top, i, c)
		top = top[:min(len(top), ten)]
		return true
	})
	formula := in.r.Formula()
	names := make([]string, len(top))
	data := make([]opts.BarData, len(top))
	for i, c := range top {
		names[i] = in.cellName(c)
		reasons := in.reasons(formula, c)
		data[i] = opts.BarData{
			Name: reasons, Value: rounded(c.Index, 1),
			ItemStyle: &opts.ItemStyle{Color: in.colours.Ramp[min(4, int(c.Index/20))]},
		}
		item := in.item(names[i], c.Index, 1, "")
		item.ID, item.Text = c.Cell.String(), reasons
		w.Items = append(w.Items, item)
	}
	bar := charts.NewBar()
	bar.SetGlobalOptions(append(in.frame("item", false),
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Min: 0, Max: 100, AxisLabel: in.labels(), SplitLine: in.hairlines()}),
		in.categoryY())...)
	bar.SetXAxis(names).XYReversal()
	bar.AddSeries(in.say("综合指数", "index"), data, slim, in.valueLabels("right"))
	w.Option, err = in.option(bar)
	return err
}

// cellName is the deepest region that holds the cell, with the end of its H3
// index to tell it from its neighbours.
func (in *input) cellName(c *cim.CellState) string {
	id := strings.TrimRight(c.Cell.String(), "f")
	id = id[max(0, len(id)-4):]
	if r, ok := in.r.Regions().Get(c.Region); ok {
		return in.regionName(r) + " " + id
	}
	return id
}

// reasons are the two largest parts of the index, such as "PM2.5 128 µg/m³、超时案件 2".
func (in *input) reasons(f cim.Formula, c *cim.CellState) string {
	var parts []string
	for _, r := range f.Reasons(c) {
		text := in.reasonName(r.Term) + " " + number(r.Value, in.o.Lang)
		if unit := propertyUnit(r.Term.Property); r.Term.Measure == "observation" && r.Term.Stat != "count" && unit != "" {
			text += " " + unit
		}
		if parts = append(parts, text); len(parts) == 2 {
			break
		}
	}
	return strings.Join(parts, in.say("、", ", "))
}
