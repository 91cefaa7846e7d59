package main

import (
	"context"
	"time"

	"onecity/cim"
	"onecity/cim/history"
	"onecity/geo"
	"onecity/gov/incident/evaluation"
	"onecity/web"
	"onecity/widgets"
)

// apiRecord is the history as the API asks for it.
type apiRecord struct{ store *history.Store }

var _ web.History = apiRecord{}

func (a apiRecord) Series(ctx context.Context, scope cim.Scope, device string, p cim.Property, from, to time.Time, step time.Duration) ([]web.SeriesPoint, error) {
	points, err := a.store.In(scope).Series(ctx, device, p, from, to, step)
	return apiPoints(points), err
}

func (a apiRecord) CellSeries(ctx context.Context, scope cim.Scope, cell geo.Cell, p cim.Property, from, to time.Time) ([]web.SeriesPoint, error) {
	points, err := a.store.In(scope).CellSeries(ctx, cell, p, from, to, time.Minute)
	return apiPoints(points), err
}

func (a apiRecord) Track(ctx context.Context, scope cim.Scope, unit string, from, to time.Time) ([]web.TrackPoint, error) {
	positions, err := a.store.In(scope).Track(ctx, unit, from, to)
	track := make([]web.TrackPoint, len(positions))
	for i, p := range positions {
		track[i] = web.TrackPoint{Time: p.Time, Lon: p.Lon, Lat: p.Lat}
	}
	return track, err
}

func apiPoints(points []history.Point) []web.SeriesPoint {
	out := make([]web.SeriesPoint, len(points))
	for i, p := range points {
		out[i] = web.SeriesPoint(p)
	}
	return out
}

// chartHistory answers widgets, which are drawn every second, from one query a
// minute.
func chartHistory(store *history.Store, e *evaluation.Service) widgets.History {
	return widgets.Remember(evaluatedRecord{chartRecord{store}, e})
}

// chartRecord is the history as widgets ask for it.
type chartRecord struct{ store *history.Store }

var _ widgets.History = chartRecord{}

func (c chartRecord) Series(ctx context.Context, scope cim.Scope, device string, p cim.Property, from, to time.Time, step time.Duration) ([]widgets.Point, error) {
	points, err := c.store.In(scope).Series(ctx, device, p, from, to, step)
	return chartPoints(points), err
}

func (c chartRecord) ObservationCounts(ctx context.Context, scope cim.Scope, from, to time.Time) ([]widgets.Point, error) {
	points, err := c.store.In(scope).ObservationCounts(ctx, scope.Region, from, to)
	return chartPoints(points), err
}

func (c chartRecord) HandlingTimes(ctx context.Context, scope cim.Scope, from, to time.Time) ([]time.Duration, error) {
	return c.store.In(scope).HandlingTimes(ctx, scope.Region, from, to)
}

func chartPoints(points []history.Point) []widgets.Point {
	out := make([]widgets.Point, len(points))
	for i, p := range points {
		out[i] = widgets.Point(p)
	}
	return out
}
