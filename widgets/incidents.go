package widgets

import (
	"cmp"
	"context"
	"slices"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// most is how many bars a chart of classes has before the rest become one.
const most = 10

func drawOpenByClass(_ context.Context, in *input, w *Widget) (err error) {
	late := map[string]int{}
	in.incidents(func(i *cim.IncidentState) {
		w.Simulated = w.Simulated || i.Simulated
		if i.Late {
			late[i.Class]++
		}
	})
	type row struct {
		class       string
		onTime, all int
	}
	var rows []row
	for class, n := range in.r.Tally(in.region).OpenByClass {
		if n > 0 {
			rows = append(rows, row{class, n - min(n, late[class]), n})
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.all, a.all), cmp.Compare(a.class, b.class))
	})
	names, onTime, overdue := []string{}, []float64{}, []float64{}
	for i, r := range rows {
		if i == most && len(rows) > most+1 {
			rest := row{}
			for _, o := range rows[most:] {
				rest.onTime += o.onTime
				rest.all += o.all
			}
			names = append(names, in.say("其他", "other"))
			onTime, overdue = append(onTime, float64(rest.onTime)), append(overdue, float64(rest.all-rest.onTime))
			break
		}
		names = append(names, in.className(r.class))
		onTime, overdue = append(onTime, float64(r.onTime)), append(overdue, float64(r.all-r.onTime))
	}
	w.Option, err = in.lateness(names, onTime, overdue)
	return err
}

func drawOpenByDistrict(_ context.Context, in *input, w *Widget) (err error) {
	in.incidents(func(i *cim.IncidentState) { w.Simulated = w.Simulated || i.Simulated })
	type row struct {
		name string
		t    cim.Tally
	}
	var rows []row
	for _, r := range in.parts() {
		rows = append(rows, row{in.regionName(r), in.r.Tally(r.Code)})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.t.Open, a.t.Open) })
	rows = rows[:min(len(rows), 20)]
	names, onTime, overdue := []string{}, []float64{}, []float64{}
	for _, r := range rows {
		names = append(names, r.name)
		onTime, overdue = append(onTime, float64(r.t.Open-r.t.Late)), append(overdue, float64(r.t.Late))
	}
	w.Option, err = in.lateness(names, onTime, overdue)
	return err
}

// parts are the regions right below the reader's, or the reader's own where
// there are none; not those in which the reader sees nothing.
func (in *input) parts() []*geo.Region {
	tree := in.r.Regions()
	if parts := tree.Children(in.region); len(parts) > 0 {
		return slices.DeleteFunc(slices.Clone(parts), func(r *geo.Region) bool {
			_, sees := in.r.Scope().Within(r.Code)
			return !sees
		})
	}
	if r, ok := tree.Get(in.region); ok {
		return []*geo.Region{r}
	}
	return nil
}

func (in *input) regionName(r *geo.Region) string { return Words{r.Name, r.NameEn}.In(in.o.Lang) }

// lateness is lying bars in two stacked parts: on time and late.
func (in *input) lateness(names []string, onTime, overdue []float64) ([]byte, error) {
	bar := charts.NewBar()
	bar.SetGlobalOptions(append(in.frame("axis", true), in.valueX(true), in.categoryY())...)
	bar.SetXAxis(names).XYReversal()
	bar.AddSeries(in.say("时限内", "on time"), bars(onTime, 0), stack("open"), slim, itemColour(in.colours.Accent))
	bar.AddSeries(in.say("超时", "late"), bars(overdue, 0), stack("open"), slim, itemColour(in.colours.Late))
	return in.option(bar)
}

// drawIncidentTrend counts by hour of the clock: 24 bars, the last one still
// growing. The model remembers closed incidents for 24 h, so it is exact.
func drawIncidentTrend(_ context.Context, in *input, w *Widget) (err error) {
	const hours = 24
	last := in.now.Truncate(time.Hour)
	slot := func(t time.Time) (int, bool) {
		if t.IsZero() || t.After(in.now) {
			return 0, false
		}
		i := hours - 1 - int(last.Sub(t.Truncate(time.Hour))/time.Hour)
		return i, i >= 0
	}
	var reported, closed [hours]float64
	in.incidents(func(i *cim.IncidentState) {
		w.Simulated = w.Simulated || i.Simulated
		if s, ok := slot(i.Reported); ok {
			reported[s]++
		}
		if i.Status.Open() {
			return
		}
		if s, ok := slot(endOf(i.Incident)); ok {
			closed[s]++
		}
	})
	names := make([]string, hours)
	for i := range names {
		names[i] = last.Add(time.Duration(i-hours+1) * time.Hour).In(in.zone).Format("15:04")
	}
	bar := charts.NewBar()
	bar.SetGlobalOptions(append(in.frame("axis", true), in.categoryX(false), in.valueY("", true))...)
	bar.SetXAxis(names)
	bar.AddSeries(in.say("上报", "reported"), bars(reported[:], 0), slim, itemColour(in.colours.Series[1]))
	bar.AddSeries(in.say("办结", "closed"), bars(closed[:], 0), slim, itemColour(in.colours.Series[0]))
	w.Option, err = in.option(bar)
	return err
}

// handlingBins are the upper ends of the bars of handling time; the last bar
// has none.
var handlingBins = []struct {
	upTo time.Duration
	name Words
}{
	{30 * time.Minute, Words{"<30分", "<30 min"}},
	{time.Hour, Words{"30–60分", "30–60 min"}},
	{2 * time.Hour, Words{"1–2时", "1–2 h"}},
	{4 * time.Hour, Words{"2–4时", "2–4 h"}},
	{8 * time.Hour, Words{"4–8时", "4–8 h"}},
	{24 * time.Hour, Words{"8–24时", "8–24 h"}},
	{1 << 62, Words{">24时", ">24 h"}},
}

// drawHandlingTime spreads what was closed over how long it took: of the last
// 24 hours from the model, of the last seven days from the history.
func drawHandlingTime(ctx context.Context, in *input, w *Widget) error {
	day := newSpread()
	in.incidents(func(i *cim.IncidentState) {
		w.Simulated = w.Simulated || i.Simulated
		if ended := endOf(i.Incident); i.Status == cim.StatusClosed && in.within(ended, 24*time.Hour) {
			day.add(ended.Sub(i.Reported))
		}
	})
	names := make([]string, len(handlingBins))
	for i, b := range handlingBins {
		names[i] = b.name.In(in.o.Lang)
	}
	bar := charts.NewBar()
	bar.SetGlobalOptions(append(in.frame("axis", true), in.categoryX(true), in.valueY(in.say("占比 %", "share %"), false))...)
	bar.SetXAxis(names)
	bar.AddSeries(in.say("24小时", "24 h"), day.shares(), slim, itemColour(in.colours.Accent))
	w.Items = []Item{day.item(in, in.say("24小时平均", "mean, 24 h"))}
	if in.h != nil {
		week := newSpread()
		times, err := in.h.HandlingTimes(ctx, in.r.Scope(), in.minute().AddDate(0, 0, -7), in.minute())
		if err != nil {
			return err
		}
		for _, t := range times {
			week.add(t)
		}
		bar.AddSeries(in.say("7天", "7 d"), week.shares(), slim, itemColour(in.colours.Series[5]))
		w.Items = append(w.Items, week.item(in, in.say("7天平均", "mean, 7 d")))
	}
	var err error
	w.Option, err = in.option(bar)
	return err
}

// spread counts durations by bin.
type spread struct {
	bins  []float64
	total time.Duration
	n     float64
}

func newSpread() *spread { return &spread{bins: make([]float64, len(handlingBins))} }

func (s *spread) add(d time.Duration) {
	if d < 0 {
		return // closed before it was reported: two clocks
	}
	s.n++
	s.total += d
	for i, b := range handlingBins {
		if d < b.upTo {
			s.bins[i]++
			return
		}
	}
}

func (s *spread) shares() []opts.BarData {
	shares := make([]float64, len(s.bins))
	for i, n := range s.bins {
		if s.n > 0 {
			shares[i] = 100 * n / s.n
		}
	}
	return bars(shares, 1)
}

func (s *spread) item(in *input, name string) Item {
	if s.n == 0 {
		return Item{Name: name, Text: "—"}
	}
	mean := time.Duration(float64(s.total) / s.n)
	return Item{Name: name, Value: pointer(mean.Minutes(), 0), Text: span(mean, in.o.Lang), Unit: "min"}
}
