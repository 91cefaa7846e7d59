package web

import (
	"context"
	"net/http"

	"onecity/gov/identity/access"
	"onecity/gov/incident"
	"onecity/ingest"
	"onecity/internal/calendar"
	"onecity/web/problem"
)

type classList struct {
	Classes []incident.Class `json:"classes"`
}

// classIn are new limits of a class, from a date on.
type classIn struct {
	Code string `path:"code" maxLength:"16"`
	Body struct {
		Name       string          `json:"name" minLength:"1" maxLength:"100"`
		NameEn     string          `json:"nameEn" maxLength:"100"`
		Group      string          `json:"group" maxLength:"100"`
		GroupEn    string          `json:"groupEn" maxLength:"100"`
		Component  bool            `json:"component,omitempty" doc:"部件 About a component"`
		Severity   int             `json:"severity" minimum:"1" maximum:"4"`
		NeedsPhoto bool            `json:"needsPhoto" doc:"须有处置后照片 Not finished without a photo of afterwards"`
		Limits     incident.Limits `json:"limits" doc:"时限（分钟） Minutes"`
		Working    bool            `json:"working" doc:"按工作时间计 In working time"`
		ValidFrom  string          `json:"validFrom" format:"date" doc:"自何日起，不早于今天 From which day on, not before today"`
		Source     string          `json:"source,omitempty" maxLength:"500" doc:"依据 Where it comes from"`
		Verified   bool            `json:"verified,omitempty" doc:"已与标准原文核对 Compared with the standard's text"`
	}
}

func (s *Server) caseClassRoutes() {
	get(s, access.CityView, "/api/v1/case-classes", "listCaseClasses", "cases", "案件类别与时限 Classes of cases with the limits of each step",
		func(context.Context, *struct{}) (*answered[classList], error) {
			return &answered[classList]{classList{s.Cases.Limits(s.Gate.Now())}}, nil
		})
	do(s, access.DutyRoster, http.MethodPut, "/api/v1/case-classes/{code}", "putCaseClass", "cases", "改时限 New limits of a class from a date on",
		func(ctx context.Context, in *classIn) (*answered[incident.Class], error) {
			c := callerIn(ctx)
			if !s.wholeCity(c, access.DutyRoster) {
				return nil, problem.New(http.StatusForbidden, "权限不及全市 / your rights do not reach the whole city")
			}
			from, err := calendar.ParseDate(in.Body.ValidFrom)
			if err != nil {
				return nil, problem.New(http.StatusUnprocessableEntity, "日期无效 / this is no date",
					ingest.Problem{Field: "/validFrom", Value: ingest.Shorten(in.Body.ValidFrom), Code: "invalid", Message: "日期无效 / no date", Expected: "2026-11-24"})
			}
			by := actor(c)
			by.Allow = nil // the reach was looked at
			out, err := s.Cases.PutLimits(ctx, by, incident.Class{
				Code: in.Code, Name: in.Body.Name, NameEn: in.Body.NameEn, Group: in.Body.Group, GroupEn: in.Body.GroupEn, Component: in.Body.Component,
				Severity: in.Body.Severity, NeedsPhoto: in.Body.NeedsPhoto, Limits: in.Body.Limits, Working: in.Body.Working, ValidFrom: from,
				Source: in.Body.Source, Verified: in.Body.Verified,
			})
			if err != nil {
				return nil, s.uncased(ctx, "change limits", "", err)
			}
			s.told(ctx, "incident.limits", "class:"+out.Code, "", "", out)
			return &answered[incident.Class]{out}, nil
		})
}
