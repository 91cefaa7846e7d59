package widgets

import (
	"context"
	"math"
	"time"

	"onecity/cim"
	"onecity/geo"
)

// lively is how recent a device's or a unit's last word must be to count as
// online, as in cim.Tally.
const lively = 15 * time.Minute

func drawOpen(_ context.Context, in *input, w *Widget) error {
	t := in.r.Tally(in.region)
	var reported, closed, severe int
	var trend float64
	in.incidents(func(i *cim.IncidentState) {
		w.Simulated = w.Simulated || i.Simulated
		if in.within(i.Reported, 24*time.Hour) {
			reported++
		}
		if in.within(i.Reported, time.Hour) {
			trend++
		}
		if i.Status.Open() {
			if i.Severity >= 1 && i.Severity <= 2 {
				severe++
			}
			return
		}
		if ended := endOf(i.Incident); in.within(ended, 24*time.Hour) {
			closed++
			if in.within(ended, time.Hour) {
				trend--
			}
		}
	})
	piece := in.say("件", "")
	in.set(w, float64(t.Open), 0, piece)
	w.Trend = pointer(trend, 0)
	w.Items = []Item{
		in.item(in.say("超时", "late"), float64(t.Late), 0, piece),
		in.item(in.say("重大以上", "severe"), float64(severe), 0, piece),
		in.item(in.say("24小时上报", "reported, 24 h"), float64(reported), 0, piece),
		in.item(in.say("24小时办结", "closed, 24 h"), float64(closed), 0, piece),
	}
	return nil
}

// endOf is when an incident that is not open ended.
func endOf(i *cim.Incident) time.Time {
	if !i.Closed.IsZero() {
		return i.Closed
	}
	return i.Updated
}

func drawLate(_ context.Context, in *input, w *Widget) error {
	t := in.r.Tally(in.region)
	var trend, soon float64
	var longest time.Duration
	in.incidents(func(i *cim.IncidentState) {
		w.Simulated = w.Simulated || i.Simulated
		if i.Due.IsZero() {
			return
		}
		switch {
		case !i.Status.Open():
			// It was late until it was closed.
			if ended := endOf(i.Incident); in.within(ended, time.Hour) && i.Due.Before(in.now.Add(-time.Hour)) && ended.After(i.Due) {
				trend--
			}
		case i.Late:
			longest = max(longest, in.now.Sub(i.Due))
			if in.within(i.Due, time.Hour) {
				trend++
			}
		case i.Due.Sub(in.now) <= time.Hour:
			soon++
		}
	})
	piece := in.say("件", "")
	in.set(w, float64(t.Late), 0, piece)
	w.Trend = pointer(trend, 0)
	share := math.NaN()
	if t.Open > 0 {
		share = 100 * float64(t.Late) / float64(t.Open)
	}
	over := in.item(in.say("最长超时", "longest"), longest.Minutes(), 0, "min")
	over.Text, over.Unit = span(longest, in.o.Lang), ""
	w.Items = []Item{
		in.item(in.say("超时率", "share"), share, 1, "%"),
		in.item(in.say("一小时内到期", "due within 1 h"), soon, 0, piece),
		over,
	}
	return nil
}

func drawUnits(_ context.Context, in *input, w *Widget) error {
	byStatus := map[string]int{}
	total := 0
	in.units(func(u *cim.UnitState) {
		w.Simulated = w.Simulated || u.Simulated
		total++
		if in.within(u.Position.Time, lively) {
			byStatus[u.Position.Status]++
		}
	})
	in.set(w, float64(in.r.Tally(in.region).Units), 0, in.say("个", ""))
	for _, s := range []struct {
		status string
		name   Words
	}{{"moving", Words{"巡查中", "moving"}}, {"handling", Words{"处置中", "handling"}}, {"idle", Words{"待命", "idle"}}} {
		w.Items = append(w.Items, in.item(s.name.In(in.o.Lang), float64(byStatus[s.status]), 0, ""))
	}
	w.Items = append(w.Items, in.item(in.say("在册", "registered"), float64(total), 0, ""))
	return nil
}

func drawDevices(_ context.Context, in *input, w *Widget) error {
	t := in.r.Tally(in.region)
	in.devices(func(d *cim.DeviceState) { w.Simulated = w.Simulated || d.Simulated })
	piece := in.say("台", "")
	in.set(w, float64(t.DevicesLive), 0, piece)
	rate := math.NaN()
	if t.Devices > 0 {
		rate = 100 * float64(t.DevicesLive) / float64(t.Devices)
	}
	w.Items = []Item{
		in.item(in.say("在线率", "online"), rate, 1, "%"),
		in.item(in.say("在册", "registered"), float64(t.Devices), 0, piece),
		in.item(in.say("失联", "silent"), float64(t.Devices-t.DevicesLive), 0, piece),
		in.item(in.say("告警", "alarms"), float64(t.Alarms), 0, in.say("项", "")),
	}
	return nil
}

func drawRate(_ context.Context, in *input, w *Widget) error {
	rate := in.r.Tally(in.region).Observations
	in.set(w, rate.PerSecond, 1, in.say("条/秒", "/s"))
	piece := in.say("条", "")
	w.Items = []Item{
		in.item(in.say("累计", "total"), float64(rate.Total), 0, piece),
		in.item(in.say("重复", "duplicates"), float64(rate.Duplicates), 0, piece),
	}
	return nil
}

// bad is the composite index from which a cell is counted as one to look at.
const bad = 60

func drawIndex(_ context.Context, in *input, w *Widget) error {
	var sum, worst float64
	n, over := 0, 0
	in.r.Cells(geo.BaseResolution, everywhere, func(c *cim.CellState) bool {
		if math.IsNaN(c.Index) {
			return true
		}
		n++
		sum += c.Index
		worst = max(worst, c.Index)
		if c.Index >= bad {
			over++
		}
		return true
	})
	mean, top := math.NaN(), math.NaN()
	if n > 0 {
		mean, top = sum/float64(n), worst
	}
	in.set(w, mean, 1, "")
	w.Items = []Item{
		in.item(in.say("最高", "worst"), top, 1, ""),
		in.item(in.say("高于60的网格", "cells above 60"), float64(over), 0, in.say("个", "")),
		in.item(in.say("有数据网格", "cells with data"), float64(n), 0, in.say("个", "")),
	}
	return nil
}
