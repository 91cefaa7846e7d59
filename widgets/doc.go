// Package widgets makes the figures and the charts of the screens: a Snapshot,
// the history and a Scope in, a [Widget] out. A figure is a number with what
// explains it; a chart is an ECharts option, made with go-echarts and handed
// over as JSON: its page templates, which load from outside, are not used.
//
// [Specs] is the register: one row a widget. [Spec.Render] draws one, for the
// WebSocket hub, the HTTP API and the stand-alone pages.
//
// A widget reads nothing but what its Scope lets it see, works on an empty
// city, and needs no [History]: without one it shows what the model itself
// remembers (the last 24 hours).
package widgets
