package widgets

import (
	"context"
	"fmt"

	"onecity/cim"
)

// Spec is one row of the register.
type Spec struct {
	Name  string
	Title Words
	Kind  Kind
	Size  Size
	// draw fills in what the widget shows; name, title, kind, region and time
	// are there already.
	draw func(ctx context.Context, in *input, w *Widget) error
}

// Specs is the register, in the order of a screen.
var Specs = []Spec{
	{"open-incidents", Words{"在办案件", "Open incidents"}, KPI, Size{2, 1}, drawOpen},
	{"late-incidents", Words{"超时案件", "Late incidents"}, KPI, Size{2, 1}, drawLate},
	{"units-on-duty", Words{"在岗力量", "Units on duty"}, KPI, Size{2, 1}, drawUnits},
	{"devices-online", Words{"在线设备", "Devices online"}, KPI, Size{2, 1}, drawDevices},
	{"observations-rate", Words{"观测接入", "Observations"}, KPI, Size{2, 1}, drawRate},
	{"city-index", Words{"综合指数", "Composite index"}, KPI, Size{2, 1}, drawIndex},
	{"closed-rate", Words{"今日结案率", "Closed, today"}, KPI, Size{2, 1}, rate("closed-rate", Words{"已结案", "closed"}, Words{"应结案", "to be closed"})},
	{"handled-on-time-rate", Words{"今日按期处置率", "On time today"}, KPI, Size{2, 1},
		rate("handled-on-time-rate", Words{"按期处置", "on time"}, Words{"应处置", "to be handled"})},
	{"rework-rate", Words{"今日返工率", "Rework today"}, KPI, Size{2, 1}, rate("rework-rate", Words{"返工", "reworked"}, Words{"应处置", "to be handled"})},
	{"satisfaction", Words{"今日满意度", "Satisfied, today"}, KPI, Size{2, 1}, rate("satisfaction", Words{"满意", "satisfied"}, Words{"已评价", "rated"})},
	{"weather", Words{"环境实况", "Weather now"}, KPI, Size{6, 1}, drawWeather},
	{"open-by-class", Words{"在办案件分类", "Open by class"}, Chart, Size{3, 3}, drawOpenByClass},
	{"open-by-district", Words{"各区域在办案件", "Open by district"}, Chart, Size{3, 3}, drawOpenByDistrict},
	{"handling-time", Words{"处置时长", "Handling time"}, Chart, Size{3, 3}, drawHandlingTime},
	{"incident-trend", Words{"24小时案件走势", "Incidents, 24 h"}, Chart, Size{4, 3}, drawIncidentTrend},
	{"observations", Words{"观测接入速率", "Observations a second"}, Chart, Size{4, 3}, drawObservations},
	{"environment", Words{"环境监测24小时", "Environment, 24 h"}, Chart, Size{4, 3}, drawEnvironment},
	{"top-cells", Words{"指数最高网格", "Worst cells"}, Chart, Size{3, 3}, drawTopCells},
	{"device-health", Words{"设备健康", "Device health"}, Chart, Size{3, 3}, drawDeviceHealth},
}

// Find is the spec of that name.
func Find(name string) (*Spec, bool) {
	for i := range Specs {
		if Specs[i].Name == name {
			return &Specs[i], true
		}
	}
	return nil, false
}

// Render draws the widget as r sees the city. h may be nil.
func (s *Spec) Render(ctx context.Context, r cim.Reader, h History, o Options) (Widget, error) {
	in := newInput(r, h, o)
	w := Widget{Name: s.Name, Title: s.Title.In(o.Lang), Kind: s.Kind, Region: in.region, Time: in.minute()}
	if err := s.draw(ctx, in, &w); err != nil {
		return Widget{}, fmt.Errorf("draw widget %s: %w", s.Name, err)
	}
	return w, nil
}

// Entry is a row of the catalogue.
type Entry struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Kind  Kind   `json:"kind"`
	W     int    `json:"w"`
	H     int    `json:"h"`
}

// Catalogue lists the register in a language.
func Catalogue(lang string) []Entry {
	list := make([]Entry, len(Specs))
	for i, s := range Specs {
		list[i] = Entry{Name: s.Name, Title: s.Title.In(lang), Kind: s.Kind, W: s.Size.W, H: s.Size.H}
	}
	return list
}
