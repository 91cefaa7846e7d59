package web

import (
	"encoding/json"
	"net/http"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

func (s *Server) incidentRoutes() {
	s.raw(operation{
		need: access.IncidentWork, method: http.MethodPost, path: "/api/v1/incidents/{id}/updates", id: "updateIncident", tag: "incidents",
		summary:     "办理案件 Move an incident on",
		description: "version 为办理人所见版本；已变更则答 409。version is the one that the person saw; 409 when it has changed since.",
		params:      []*huma.Param{pathParam("id", "案件编号 The incident's id")},
		body:        ingest.IncidentUpdate{}, answer: cim.Incident{},
		errors: []int{400, 404, 409, 422, 503, 507}, maxBody: 64 << 10,
	}, s.updateIncident)
}

func (s *Server) updateIncident(w http.ResponseWriter, r *http.Request) {
	body, p := readBody(r)
	if p != nil {
		p.Write(w)
		return
	}
	var u ingest.IncidentUpdate
	if err := json.Unmarshal(body, &u); err != nil {
		problem.New(http.StatusBadRequest, "无法读取 / cannot be read", *ingest.MalformedJSON("", body, err)).Write(w)
		return
	}
	gate := s.gate(r)
	if c := CallerOf(r); sends(u) {
		if !c.may(access.IncidentSend) {
			denied(c, access.IncidentSend).Write(w)
			return
		}
		// Who works here and sends there does not send here.
		gate = s.Gate.For(func(what, id string, region geo.Code) bool {
			return c.brings(what, id, region) && s.within(c, access.IncidentSend)(what, id, region)
		})
	}
	in, err := gate.UpdateIncident(r.Context(), "/http", r.PathValue("id"), u)
	if err != nil {
		s.failed(r.Context(), "update an incident", err).Write(w)
		return
	}
	s.told(r.Context(), "incident.update", "incident:"+in.ID, in.Region, u.Note, map[string]any{"status": in.Status, "unit": in.Unit, "version": in.Version})
	writeJSON(w, http.StatusOK, in)
}

// sends reports whether an update does what an operator does: to send somebody,
// to close or to reject. To accept, to arrive and to handle is a worker's.
func sends(u ingest.IncidentUpdate) bool {
	switch u.Status {
	case cim.StatusDispatched, cim.StatusClosed, cim.StatusRejected:
		return true
	}
	return u.Unit != ""
}
