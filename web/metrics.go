package web

import (
	"net/http"
	"strconv"
	"time"

	"onecity/ingest"

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
