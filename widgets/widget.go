package widgets

import (
	"encoding/json"
	"time"

	"onecity/geo"
)

// Kind says how a widget is shown.
type Kind string

// The kinds.
const (
	KPI   Kind = "kpi"   // Value, Unit, Trend, Items
	Chart Kind = "chart" // Option
)

// Widget is one figure or chart as it now stands. See docs/protocol.md.
type Widget struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Kind  Kind   `json:"kind"`
	// Option is an ECharts option without functions, so it is plain JSON.
	Option json.RawMessage `json:"option,omitempty"`
	// Value is absent when it is not known; Text is Value as people write it.
	Value *float64 `json:"value,omitempty"`
	Text  string   `json:"text,omitempty"`
	Unit  string   `json:"unit,omitempty"`
	// Trend is the change against an hour before, in Unit.
	Trend *float64 `json:"trend,omitempty"`
	// Items explain Value.
	Items []Item `json:"items,omitempty"`
	// Region is whose figure this is.
	Region geo.Code `json:"region,omitempty"`
	// Simulated says that generated data is among what it shows 模拟数据.
	Simulated bool `json:"simulated,omitempty"`
	// Time is the minute of the model's time it was made in: not finer, so
	// that a widget whose figures stand still has the same bytes.
	Time time.Time `json:"time"`
}

// Item is one figure beside the main one.
type Item struct {
	Name  string   `json:"name"`
	Value *float64 `json:"value"`
	Text  string   `json:"text,omitempty"`
	Unit  string   `json:"unit,omitempty"`
	// ID is what the item speaks of, where that can be opened: a cell, a device.
	ID string `json:"id,omitempty"`
}

// Options is who asks and how they want it.
type Options struct {
	Lang  string // "zh" (default) or "en"
	Theme string // "dark" (default) or "light"
}

// Words is a text in both languages.
type Words struct{ Zh, En string }

// In is the text in a language: English when asked for and known, else Chinese.
func (w Words) In(lang string) string {
	if lang == "en" && w.En != "" || w.Zh == "" {
		return w.En
	}
	return w.Zh
}

// Size is a widget's usual size, in columns and rows of the screen's grid
// (12 columns); a stand-alone page uses its proportions.
type Size struct{ W, H int }
