package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onecity/ingest"
	"onecity/web/hub"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the figures of one server, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	handler  http.Handler
	mux      *router

	requests *prometheus.HistogramVec
	inFlight prometheus.Gauge
	panics   prometheus.Counter
	facts    *prometheus.CounterVec
	problems *prometheus.CounterVec
}

func newMetrics(s *Server) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), mux: s.mux}
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "onecity_http_request_duration_seconds", Help: "Time to answer, by route and status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"route", "code"})
	m.inFlight = prometheus.NewGauge(prometheus.GaugeOpts{Name: "onecity_http_requests_in_flight", Help: "Requests being answered."})
	m.panics = prometheus.NewCounter(prometheus.CounterOpts{Name: "onecity_http_panics_total", Help: "Handlers that panicked."})
	m.facts = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "onecity_http_facts_total", Help: "Facts that came over HTTP, by way and what became of them."}, []string{"way", "outcome"})
	m.problems = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "onecity_http_fact_problems_total", Help: "Why facts that came over HTTP were not accepted."}, []string{"way", "code"})
	m.registry.MustRegister(m.requests, m.inFlight, m.panics, m.facts, m.problems,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newPartsCollector(s))
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
	return m
}

// request notes an answered request under its route, not its path, so that
// the number of series is bounded.
func (m *metrics) request(r *http.Request, code int, took time.Duration) {
	if code == http.StatusSwitchingProtocols {
		return // a socket's life is no answer time
	}
	_, route := m.mux.Handler(r)
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(code)).Observe(took.Seconds())
}

func (m *metrics) ingested(way string, a ingest.Accepted) {
	m.facts.WithLabelValues(way, "accepted").Add(float64(a.Accepted))
	m.facts.WithLabelValues(way, "rejected").Add(float64(a.Rejected))
	for _, p := range a.Problems {
		m.problems.WithLabelValues(way, p.Code).Inc()
	}
}

// partsCollector reads the figures that the parts count themselves.
type partsCollector struct {
	server *Server
	hub    map[string]*prometheus.Desc
	other  map[string]*prometheus.Desc
}

// hubFigures are the hub's, by name; a "_total" is a counter.
var hubFigures = []struct {
	name, help string
	of         func(hub.Stats) float64
}{
	{"clients", "Live sockets open.", func(s hub.Stats) float64 { return float64(s.Clients) }},
	{"views", "Different views open.", func(s hub.Stats) float64 { return float64(s.Views) }},
	{"connected_total", "Live sockets opened.", func(s hub.Stats) float64 { return float64(s.Connected) }},
	{"refused_total", "Live sockets refused for lack of room.", func(s hub.Stats) float64 { return float64(s.Refused) }},
	{"frames_encoded_total", "Frames encoded.", func(s hub.Stats) float64 { return float64(s.Encoded) }},
	{"frames_sent_total", "Frames sent.", func(s hub.Stats) float64 { return float64(s.Sent) }},
	{"bytes_sent_total", "Bytes of frames sent, before compression.", func(s hub.Stats) float64 { return float64(s.Bytes) }},
	{"resets_total", "Frames sent that held everything.", func(s hub.Stats) float64 { return float64(s.Resets) }},
	{"resumed_total", "Subscriptions that went on where they were.", func(s hub.Stats) float64 { return float64(s.Resumed) }},
	{"slow_total", "Clients dropped because they took nothing.", func(s hub.Stats) float64 { return float64(s.Slow) }},
	{"misbehaved_total", "Clients dropped for flooding.", func(s hub.Stats) float64 { return float64(s.BadlyBehaved) }},
}

// otherFigures are those of the city and of what it stands on.
var otherFigures = map[string]string{
	"onecity_model_position":         "Position of the newest event in the model.",
	"onecity_stream_position":        "Position of the stream's end.",
	"onecity_model_lag_events":       "Events in the stream that are not in the model yet.",
	"onecity_model_time_seconds":     "Time of the newest event in the model.",
	"onecity_model_events_total":     "Events folded by this process.",
	"onecity_model_snapshots_total":  "Snapshots published.",
	"onecity_model_unreadable_total": "Events that could not be decoded.",
	"onecity_model_ready":            "1 when the model has caught up.",
	"onecity_model_ignored_total":    "What the fold could not use, by reason.",
	"onecity_devices":                "Devices in the model.",
	"onecity_units":                  "Units seen within 15 minutes.",
	"onecity_incidents_open":         "Open incidents.",
	"onecity_observations_total":     "Observations in the model since the first event.",
	"onecity_database_up":            "1 when PostgreSQL answers.",
	"onecity_credentials":            "Devices and units with a password.",
}

func newPartsCollector(s *Server) *partsCollector {
	c := &partsCollector{server: s, hub: map[string]*prometheus.Desc{}, other: map[string]*prometheus.Desc{}}
	for _, f := range hubFigures {
		c.hub[f.name] = prometheus.NewDesc("onecity_live_"+f.name, f.help, nil, nil)
	}
	for name, help := range otherFigures {
		var labels []string
		if name == "onecity_model_ignored_total" {
			labels = []string{"reason"}
		}
		c.other[name] = prometheus.NewDesc(name, help, labels, nil)
	}
	return c
}

func (c *partsCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.hub {
		ch <- d
	}
	for _, d := range c.other {
		ch <- d
	}
}

func (c *partsCollector) Collect(ch chan<- prometheus.Metric) {
	stats := c.server.hub.Stats()
	for _, f := range hubFigures {
		ch <- prometheus.MustNewConstMetric(c.hub[f.name], kindOf(f.name), f.of(stats))
	}
	say := func(name string, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(c.other[name], kindOf(name), v, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	s := c.server
	city := s.city.Stats()
	position := s.city.Snapshot().Seq()
	say("onecity_model_position", float64(position))
	if last, err := s.Broker.Last(ctx); err == nil {
		say("onecity_stream_position", float64(last))
		say("onecity_model_lag_events", float64(last-min(last, position)))
	}
	say("onecity_model_time_seconds", float64(s.city.Snapshot().At().UnixMilli())/1000)
	say("onecity_model_events_total", float64(city.Events))
	say("onecity_model_snapshots_total", float64(city.Snapshots))
	say("onecity_model_unreadable_total", float64(city.Unreadable))
	ready := 0.0
	select {
	case <-s.city.Ready():
		ready = 1
	default:
	}
	say("onecity_model_ready", ready)
	whole := s.city.Snapshot().In(s.scopeOf(nil))
	for reason, n := range whole.Ignored() {
		say("onecity_model_ignored_total", float64(n), reason)
	}
	tally := whole.Tally(whole.Scope().Region)
	say("onecity_devices", float64(tally.Devices))
	say("onecity_units", float64(tally.Units))
	say("onecity_incidents_open", float64(tally.Open))
	say("onecity_observations_total", float64(tally.Observations.Total))
	if s.Database != nil {
		up := 0.0
		if s.Database.Ping(ctx) == nil {
			up = 1
		}
		say("onecity_database_up", up)
	}
	if s.Credentials != nil {
		say("onecity_credentials", float64(s.Credentials.Len()))
	}
}

func kindOf(name string) prometheus.ValueType {
	if strings.HasSuffix(name, "_total") {
		return prometheus.CounterValue
	}
	return prometheus.GaugeValue
}
