package web

import (
	"context"

	"onecity/gov/identity/access"
)

func (s *Server) candidateRoute() {
	type query struct {
		ID    string `path:"id" maxLength:"128" doc:"案件编号 The incident's id"`
		Limit int    `query:"limit" minimum:"1" maximum:"50" default:"8" doc:"至多几个 At most so many"`
	}
	get(s, access.CityView, "/api/v1/cases/{id}/candidates", "listCandidates", "incidents", "可派力量，最宜者在前 Who could be sent, the best first",
		func(context.Context, *query) (*answered[candidatesBody], error) {
			return nil, absent("the street network")
		})
}

func (s *Server) routeRoute() {
	type query struct {
		From string `query:"from" required:"true" maxLength:"64" doc:"起点 lon,lat" example:"120.98,31.38"`
		To   string `query:"to" required:"true" maxLength:"64" doc:"终点 lon,lat"`
	}
	get(s, access.CityView, "/api/v1/route", "getRoute", "incidents", "沿路网的最快路线 The quickest way over the streets",
		func(context.Context, *query) (*answered[routeBody], error) {
			return nil, absent("the street network")
		})
}
