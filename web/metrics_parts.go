package web

import (
	"context"
	"onecity/cim"
	"strings"
	"time"

	"onecity/web/hub"

	"github.com/prometheus/client_golang/prometheus"
)

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
	"onecity_history_position":       "Position up to which the stream is recorded in PostgreSQL.",
	"onecity_history_lag_events":     "Events in the stream that are not recorded yet.",
	"onecity_history_recorded_total": "Events recorded by this process.",
	"onecity_unit_sockets":           "Units that hold their position socket open.",
	"onecity_tiles_served_total":     "Tiles answered.",
	"onecity_tiles_encoded_total":    "Tiles encoded from the model.",
	"onecity_tiles_cache_bytes":      "Bytes of tiles kept.",
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
	last, err := s.Broker.Last(ctx)
	if err == nil {
		say("onecity_stream_position", float64(last))
		say("onecity_model_lag_events", float64(last-min(last, position)))
	}
	if s.Recorder != nil {
		recorded := s.Recorder.Position()
		say("onecity_history_position", float64(recorded))
		say("onecity_history_recorded_total", float64(s.Recorder.Recorded()))
		if err == nil {
			say("onecity_history_lag_events", float64(last-min(last, recorded)))
		}
	}
	say("onecity_unit_sockets", float64(s.units.Connected()))
	tiles := s.tiles.Stats()
	say("onecity_tiles_served_total", float64(tiles.Served))
	say("onecity_tiles_encoded_total", float64(tiles.Encoded))
	say("onecity_tiles_cache_bytes", float64(tiles.Bytes))
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
	whole := s.city.Snapshot().In(cim.Whole())
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
