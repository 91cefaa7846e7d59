package web

import (
	"context"
	"net/http"
	"path"
	"slices"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/incident"
	"onecity/internal/audit"
)

// readGraded writes into the log that the caller read graded data (分级数据):
// object names what, or which list. Equal reads within a minute are one entry.
// The answer waits for it: what cannot be logged is not read.
func (s *Server) readGraded(ctx context.Context, object string, region geo.Code) error {
	c := callerIn(ctx)
	if s.Audit == nil || c.ID == "" {
		return nil
	}
	err := s.Audit.Note(ctx, audit.Entry{
		Actor: c.ID, From: c.From, Session: c.Session, Action: "city.read", Object: object, Region: string(region), Outcome: audit.Done,
	})
	if err != nil {
		return s.failed(ctx, "log a read of graded data", err)
	}
	return nil
}

// readCases is readGraded where one of the cases is graded.
func (s *Server) readCases(ctx context.Context, object string, list ...incident.Case) error {
	for i := range list {
		if list[i].Grade > 0 {
			return s.readGraded(ctx, object, geo.Code(list[i].Region))
		}
	}
	return nil
}

// gradedReach reports whether the caller sees things in l that are graded.
func gradedReach(scope cim.Scope, l cim.Layer) bool {
	for _, p := range scope.Pieces(l) {
		if p.Grade > 0 {
			return true
		}
	}
	return false
}

// movingLayers are those whose things are people's work and whereabouts.
var movingLayers = []cim.Layer{cim.LayerDevices, cim.LayerUnits, cim.LayerIncidents}

// liveRead notes that a live socket is opened by who sees graded things.
func (s *Server) liveRead(w http.ResponseWriter, r *http.Request) {
	scope := ScopeOf(r)
	for _, l := range movingLayers {
		if !gradedReach(scope, l) {
			continue
		}
		region := geo.Code("")
		if rs := scope.Regions(); len(rs) > 0 {
			region = rs[0]
		}
		if err := s.readGraded(r.Context(), "live:"+l.String(), region); err != nil {
			s.failed(r.Context(), "log a read of graded data", err).Write(w)
			return
		}
	}
	s.hub.ServeHTTP(w, r)
}

// gradeOf is the kind of a thing of the model, its grade and its region.
func gradeOf(thing any) (kind string, grade cim.Grade, region geo.Code) {
	switch t := thing.(type) {
	case *cim.DeviceState:
		return "device", t.Grade, t.Region
	case *cim.UnitState:
		return "unit", t.Grade, t.Region
	case *cim.IncidentState:
		return "incident", t.Grade, t.Region
	case *cim.Object:
		return "object", t.Grade, t.Region
	}
	return "", 0, ""
}

// seesPhoto reports whether the sender of r may see an incident that has that
// photo. Of incidents that the model has forgotten only who sees all of the
// city's may see photos.
func (s *Server) seesPhoto(r *http.Request, name string) bool {
	scope := ScopeOf(r)
	seen := false
	s.city.Snapshot().In(scope).Incidents(world, 0, func(i *cim.IncidentState) bool {
		seen = slices.ContainsFunc(i.Photos, func(p string) bool { return path.Base(p) == name })
		return !seen
	})
	if seen || scope.Sees(cim.LayerIncidents, "", 0) {
		return true
	}
	if s.Cases == nil {
		return false
	}
	// proofs are not in the model
	seen, err := s.Cases.Shows(r.Context(), caseScope(CallerOf(r)), "/media/"+name)
	if err != nil {
		s.log.WarnContext(r.Context(), "cannot say whether a photo may be seen", "error", err)
	}
	return seen
}
