package web

import (
	"context"
	"errors"
	"net/http"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/gov/incident"
	"onecity/ingest"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/web/problem"
)

// caseBody is a case with all that a page about it shows.
type caseBody struct {
	Case        incident.Case      `json:"case"`
	Offers      []flow.Offer       `json:"offers" doc:"可办理的操作 What the caller can do now, and why not"`
	Timeline    []incident.Entry   `json:"timeline" doc:"办理过程 What happened, the oldest first"`
	Proofs      []incident.Proof   `json:"proofs" doc:"证据 Photos and forms"`
	Related     []incident.Case    `json:"related" doc:"并入案件 Cases that were merged into it"`
	Limits      map[flow.State]int `json:"limits" doc:"各环节时限（分钟） Minutes that each state may last; total for the whole"`
	ClassName   string             `json:"className"`
	ClassNameEn string             `json:"classNameEn"`
	RegionName  string             `json:"regionName"`
	UnitName    string             `json:"unitName,omitempty"`
	HandlerName string             `json:"handlerName,omitempty"`
	OrgName     string             `json:"orgName,omitempty"`
}

// caseID names a case in a path.
type caseID struct {
	ID string `path:"id" maxLength:"200" doc:"案件编号 The case's id, which is the incident's"`
}

func (s *Server) caseRoutes() {
	get(s, access.CityView, "/api/v1/cases/{id}", "getCase", "cases", "案件详情 A case, and what the caller can do with it",
		func(ctx context.Context, in *caseID) (*answered[caseBody], error) { return s.caseFor(ctx, in.ID) })
	type alikeList struct {
		Items []incident.Alike `json:"items"`
	}
	get(s, access.CityView, "/api/v1/cases/{id}/alike", "alikeCases", "cases", "疑似重复 Open cases that may be the same thing, with the reasons",
		func(ctx context.Context, in *caseID) (*answered[alikeList], error) {
			list, err := s.Cases.Alike(ctx, caseScope(callerIn(ctx)), in.ID)
			if err != nil {
				return nil, s.uncased(ctx, "look for cases that are alike", in.ID, err)
			}
			for i := range list {
				if err := s.readCases(ctx, "alike:"+in.ID, list[i].Case); err != nil {
					return nil, err
				}
				hideReporter(callerIn(ctx), &list[i].Case)
			}
			return &answered[alikeList]{alikeList{list}}, nil
		})
	type near struct {
		ID     string `path:"id" maxLength:"200" doc:"案件编号 The case's id, which is the incident's"`
		Months int    `query:"months" minimum:"1" maximum:"60" default:"12"`
	}
	get(s, access.CityView, "/api/v1/cases/{id}/nearby", "nearbyCases", "cases", "此处历史 History of the place and of the object",
		func(ctx context.Context, in *near) (*answered[caseList], error) {
			list, err := s.Cases.Nearby(ctx, caseScope(callerIn(ctx)), in.ID, in.Months)
			if err != nil {
				return nil, s.uncased(ctx, "read the history of a place", in.ID, err)
			}
			if err := s.readCases(ctx, "nearby:"+in.ID, list...); err != nil {
				return nil, err
			}
			return &answered[caseList]{caseList{Items: hideReporters(callerIn(ctx), list)}}, nil
		})
	s.caseListRoutes()
	s.caseActRoutes()
	s.caseReportRoutes()
	s.caseClassRoutes()
}

// caseFor is a case as the caller may see it.
func (s *Server) caseFor(ctx context.Context, id string) (*answered[caseBody], error) {
	c, scope := callerIn(ctx), caseScope(callerIn(ctx))
	is, err := s.Cases.Get(ctx, scope, id)
	if err != nil {
		return nil, s.uncased(ctx, "read a case", id, err)
	}
	if is.Grade > 0 {
		if err := s.readGraded(ctx, "incident:"+id, geo.Code(is.Region)); err != nil {
			return nil, err
		}
	}
	reporter := is.Reporter
	hideReporter(c, &is)
	b := caseBody{Case: is, Limits: map[flow.State]int{}}
	if b.Offers, err = s.Cases.Offers(ctx, actor(c), id); err == nil {
		b.Timeline, err = s.Cases.Timeline(ctx, scope, id)
	}
	if err == nil {
		b.Proofs, err = s.Cases.Proofs(ctx, scope, id)
	}
	if err == nil {
		b.Related, err = s.Cases.Related(ctx, scope, id)
	}
	if err != nil {
		return nil, s.uncased(ctx, "read a case", id, err)
	}
	if err := s.readCases(ctx, "related:"+id, b.Related...); err != nil {
		return nil, err
	}
	hideReporters(c, b.Related)
	if is.Reporter == "" {
		hideReporting(&b, reporter)
	}
	for i := range b.Offers { // lists are empty, never null
		o := &b.Offers[i]
		o.Required, o.Optional = append([]flow.Field{}, o.Required...), append([]flow.Field{}, o.Optional...)
	}
	s.nameCase(ctx, &b)
	return &answered[caseBody]{b}, nil
}

// nameCase puts the names beside the codes.
func (s *Server) nameCase(ctx context.Context, b *caseBody) {
	city := s.city.Snapshot().In(cim.Whole())
	if r, ok := city.Regions().Get(geo.Code(b.Case.Region)); ok {
		b.RegionName = r.Name
	}
	if u, ok := city.Unit(b.Case.Unit); ok {
		b.UnitName = u.Name
	}
	if b.Case.Handler != "" && s.Identity != nil {
		b.HandlerName = s.directory().SubjectName(ctx, b.Case.Handler)
	}
	if b.Case.Org != "" && s.Identity != nil {
		b.OrgName = s.directory().OrgName(ctx, b.Case.Org)
	}
	for _, c := range s.Cases.Limits(b.Case.Reported) {
		if c.Code != b.Case.Class {
			continue
		}
		b.ClassName, b.ClassNameEn = c.Name, c.NameEn
		for state, minutes := range map[flow.State]int{
			incident.Reported: c.Limits.Establish, incident.Established: c.Limits.Dispatch, incident.Offered: c.Limits.Accept,
			incident.Assigned: c.Limits.Accept, incident.Accepted: c.Limits.Handle, incident.Handling: c.Limits.Handle,
			incident.External: c.Limits.Handle, incident.Handled: c.Limits.Verify, "total": c.Limits.Total,
		} {
			if minutes > 0 {
				b.Limits[state] = minutes
			}
		}
	}
}

// caseScope is what a caller sees of the cases: what they see of the
// incidents in the model.
func caseScope(c Caller) database.Scope {
	if c.Pending != "" {
		return database.Scope{}
	}
	var pieces []database.Piece
	for _, p := range c.Scope.Pieces(cim.LayerIncidents) {
		pieces = append(pieces, database.Piece{Prefix: string(p.Region), Grade: uint8(p.Grade)})
	}
	return incident.Scope(pieces...)
}

// conflictProblem is a 409 that tells who was faster.
type conflictProblem struct {
	*problem.Problem
	By      string     `json:"by,omitempty" doc:"谁先办理 Who was faster"`
	ByName  string     `json:"byName,omitempty"`
	Event   flow.Event `json:"event,omitempty"`
	State   flow.State `json:"state,omitempty" doc:"当前状态 The state that it is in now"`
	Version int64      `json:"version,omitempty"`
}

// uncased turns an error of the cases into a problem.
func (s *Server) uncased(ctx context.Context, doing, id string, err error) error {
	var conflict *incident.Conflict
	var invalid *incident.Invalid
	switch {
	case errors.As(err, &conflict):
		return &conflictProblem{Problem: problem.New(http.StatusConflict, "已由"+orWord(conflict.ByName, "他人")+"先行办理，请刷新 / "+
			orWord(conflict.ByName, "somebody else")+" was faster: read it again",
			ingest.Problem{Field: "/version", Code: ingest.CodeConflict, Message: "当前状态 / it is now " + string(conflict.State)}),
			By: conflict.By, ByName: conflict.ByName, Event: conflict.Event, State: conflict.State, Version: conflict.Version}
	case errors.As(err, &invalid):
		return problem.New(http.StatusUnprocessableEntity, "内容未通过校验 / the content was refused",
			ingest.Problem{Field: "/" + invalid.Field, Code: "invalid", Message: invalid.Why.ZH + " / " + invalid.Why.EN})
	case errors.Is(err, incident.ErrUnknown):
		return notFound("案件", id)
	case errors.Is(err, incident.ErrReused):
		return problem.New(http.StatusConflict, "此编号已用于另一次操作 / this id was another command's",
			ingest.Problem{Field: "/id", Code: ingest.CodeConflict, Message: "编号重复 / the id was used before"})
	case errors.Is(err, incident.ErrNotAllowed):
		return problem.New(http.StatusForbidden, "没有权限办理 / you may not do this")
	}
	return s.unflowed(ctx, doing, err)
}

func orWord(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// hideReporter keeps who reported to who sees sensitive things there; a
// citizen's key is nobody's but theirs.
func hideReporter(c Caller, is *incident.Case) {
	if !isSubject(is.Reporter) || is.Reporter != c.ID && !c.Scope.Sees(cim.LayerIncidents, geo.Code(is.Region), cim.Grade(access.GradeSensitive)) {
		is.Reporter = ""
	}
}

func hideReporters(c Caller, list []incident.Case) []incident.Case {
	for i := range list {
		hideReporter(c, &list[i])
	}
	return list
}

// hideReporting takes who reported out of what happened to a case whose reporter
// is hidden: the report, its photos, the rating. What they did otherwise they did
// in their office. A channel that is named where nobody is known is no secret.
func hideReporting(b *caseBody, reporter string) {
	own := func(by string) bool { return by != b.Case.Channel && (by == reporter || !isSubject(by)) }
	for i := range b.Timeline {
		e := &b.Timeline[i]
		if (e.Kind == "rating" || e.Event == flow.Started || e.Kind == "proof" && e.State == incident.Reported) && own(e.By) {
			e.By, e.ByName = "reporter", "上报人 the reporter"
		}
	}
	for i := range b.Proofs {
		if p := &b.Proofs[i]; p.Phase == "report" && own(p.By) {
			p.By = "reporter"
		}
	}
}
