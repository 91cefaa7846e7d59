package web

import (
	"net/http"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/ingest"
)

// gate is the Gate for what the sender of r may bring.
func (s *Server) gate(r *http.Request) *ingest.Gate {
	return s.Gate.For(CallerOf(r).brings).By(CallerOf(r).ID)
}

// broughtBy says which right brings which fact.
var broughtBy = map[string]access.Action{
	"observation": access.ObservationPut,
	"position":    access.UnitMove,
	"device":      access.CityWrite,
	"unit":        access.CityWrite,
	"object":      access.CityWrite,
	"city":        access.CityWrite,
	"incident":    access.IncidentReport,
	"update":      access.IncidentWork,
	"indicator":   access.FeedDeliver,
}

// brings is the caller's ingest.May. A device speaks for itself and nobody else.
func (c Caller) brings(what, id string, region geo.Code) bool {
	if c.Device != "" {
		return id == c.Device && (what == "observation" || what == "position")
	}
	a, ok := broughtBy[what]
	return ok && c.Rights.Can(a, access.Object{Region: string(region), NoOrg: true})
}

// unitSocket takes a unit's own line from the unit, or from who may move it.
func (s *Server) unitSocket(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	home := geo.Code("")
	if u, ok := s.city.Snapshot().In(cim.Whole()).Unit(id); ok {
		home = u.Home
	}
	if c := CallerOf(r); !c.brings("position", id, home) {
		denied(c, access.UnitMove).Write(w)
		return
	}
	s.units.Serve(w, r, func() bool {
		c, err := s.Who(r)
		return err == nil && c.brings("position", id, home)
	})
}
