package web

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/web/problem"

	"github.com/paulmach/orb"
)

func (s *Server) routeRoute() {
	type query struct {
		From string `query:"from" required:"true" maxLength:"64" doc:"起点 lon,lat" example:"120.98,31.38"`
		To   string `query:"to" required:"true" maxLength:"64" doc:"终点 lon,lat"`
		Kind string `query:"kind" maxLength:"64" doc:"力量类别：grid 骑行，其余驾车 Kind of unit: grid cycles, all others drive"`
	}
	get(s, access.CityView, "/api/v1/route", "getRoute", "incidents", "沿路网的最快路线 The quickest way over the streets",
		func(ctx context.Context, in *query) (*answered[routeBody], error) {
			if !ScopeOf(requestOf(ctx)).Layers.Has(cim.LayerRoads) {
				return nil, problem.New(http.StatusForbidden, "道路不在可见范围 / you may not see roads")
			}
			from, p := parsePoint("from", in.From)
			if p != nil {
				return nil, p
			}
			to, p := parsePoint("to", in.To)
			if p != nil {
				return nil, p
			}
			net := s.streets.get(s.city.Snapshot()).forKind(in.Kind)
			a, b := net.Snap(from), net.Snap(to)
			if !a.OK() || !b.OK() {
				return nil, problem.New(http.StatusNotFound, "10 公里内没有道路 / no street within 10 km of one of the places")
			}
			trip, ok := net.Route(a, b)
			if !ok {
				return nil, problem.New(http.StatusNotFound, "路网不通 / no way leads from one to the other over the streets")
			}
			body := routeBody{Metres: rounded(trip.Metres), Seconds: rounded(trip.Seconds), Geometry: *lineOf(trip.Line()), Steps: []wayStepBody{},
				OffFrom: rounded(a.Off), OffTo: rounded(b.Off)}
			for _, step := range trip.Steps() {
				body.Steps = append(body.Steps, wayStepBody{step.Text, step.TextEn, rounded(step.Metres), [2]float64{round7(step.At[0]), round7(step.At[1])}})
			}
			return &answered[routeBody]{body}, nil
		})
}

// parsePoint reads lon,lat.
func parsePoint(name, text string) (orb.Point, *problem.Problem) {
	lon, lat, _ := strings.Cut(text, ",")
	x, errX := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	if errX != nil || errY != nil || !(math.Abs(x) <= 180 && math.Abs(y) <= 90) {
		return orb.Point{}, badQuery(name, text, "lon,lat in degrees")
	}
	return orb.Point{x, y}, nil
}

// rounded is a number without its fraction, for people.
func rounded(v float64) float64 { return math.Round(v) }

func round7(v float64) float64 { return math.Round(v*1e7) / 1e7 }
