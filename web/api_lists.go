package web

import (
	"context"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
)

// listQuery selects a page of a list, in the order of ids.
type listQuery struct {
	Region string `query:"region" maxLength:"15" doc:"仅此区域 Within this region only"`
	Kind   string `query:"kind" maxLength:"64" doc:"仅此类别 Of this kind only"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"每页条数 At most so many"`
	After  string `query:"after" maxLength:"128" doc:"从此编号之后 Those after this id: the answer's next"`
}

type incidentQuery struct {
	Region string `query:"region" maxLength:"15" doc:"仅此区域 Within this region only"`
	Status string `query:"status" enum:"open,reported,accepted,dispatched,handling,handled,closed,rejected" doc:"状态，open 为未结 Status; open means any that is not done"`
	Class  string `query:"class" maxLength:"64" doc:"案件类别 Class"`
	Late   bool   `query:"late" doc:"仅超时 Only those past due"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"每页条数 At most so many"`
	After  string `query:"after" maxLength:"128" doc:"从此编号之后 Those after this id: the answer's next"`
}

// page is the part of a question that every list shares.
type page struct {
	region string
	limit  int
	after  string
}

func (q listQuery) page() page     { return page{q.Region, q.Limit, q.After} }
func (q incidentQuery) page() page { return page{q.Region, q.Limit, q.After} }

// device gives a device's id, and whether it is asked for; so do the next two.
func (q listQuery) device(d *cim.DeviceState) (id string, asked bool) {
	return d.ID, q.Kind == "" || d.Kind == q.Kind
}

// unit leaves out those that never said where they are.
func (q listQuery) unit(u *cim.UnitState) (id string, asked bool) {
	return u.ID, !u.Position.Time.IsZero() && (q.Kind == "" || u.Kind == q.Kind)
}

func (q incidentQuery) incident(i *cim.IncidentState) (id string, asked bool) {
	switch {
	case q.Status == "open" && !i.Status.Open(),
		q.Status != "" && q.Status != "open" && q.Status != string(i.Status),
		q.Class != "" && q.Class != i.Class,
		q.Late && !i.Late:
		return i.ID, false
	}
	return i.ID, true
}

func (s *Server) listRoutes() {
	type devicesAnswer struct {
		Body struct {
			Devices []deviceBody `json:"devices"`
			Next    string       `json:"next,omitempty" doc:"下一页的 after The after of the next page"`
		}
	}
	get(s, access.CityView, "/api/v1/devices", "listDevices", "things", "设备列表 Devices",
		func(ctx context.Context, q *listQuery) (a *devicesAnswer, err error) {
			a = &devicesAnswer{}
			a.Body.Devices, a.Body.Next, err = answerPage(ctx, s, q.page(), cim.Reader.DevicesAfter, q.device, deviceOf)
			return a, err
		})

	type unitsAnswer struct {
		Body struct {
			Units []unitBody `json:"units"`
			Next  string     `json:"next,omitempty" doc:"下一页的 after The after of the next page"`
		}
	}
	get(s, access.CityView, "/api/v1/units", "listUnits", "things", "力量列表 Units that have said where they are",
		func(ctx context.Context, q *listQuery) (a *unitsAnswer, err error) {
			a = &unitsAnswer{}
			a.Body.Units, a.Body.Next, err = answerPage(ctx, s, q.page(), cim.Reader.UnitsAfter, q.unit, unitOf)
			return a, err
		})

	type incidentsAnswer struct {
		Body struct {
			Incidents []incidentBody `json:"incidents"`
			Next      string         `json:"next,omitempty" doc:"下一页的 after The after of the next page"`
		}
	}
	get(s, access.CityView, "/api/v1/incidents", "listIncidents", "incidents", "案件列表 Incidents, open or closed within 24 h",
		func(ctx context.Context, q *incidentQuery) (a *incidentsAnswer, err error) {
			a = &incidentsAnswer{}
			a.Body.Incidents, a.Body.Next, err = answerPage(ctx, s, q.page(), cim.Reader.IncidentsAfter, q.incident, incidentOf)
			return a, err
		})
}

// answerPage is one page of the things that visit shows in the order of their ids
// and that are asked for; next is where the page after it begins, "" at the end.
func answerPage[T, B any](ctx context.Context, s *Server, of page,
	visit func(city cim.Reader, after string, fn func(*T) bool), asked func(*T) (id string, yes bool), body func(*T) B,
) (bodies []B, next string, err error) {
	city, p := s.reader(requestOf(ctx), of.region)
	if p != nil {
		return nil, "", p
	}
	bodies = []B{}
	last, gradedKind := "", ""
	visit(city, of.after, func(t *T) bool {
		id, yes := asked(t)
		if !yes {
			return true
		}
		if len(bodies) == of.limit {
			next = last
			return false
		}
		bodies, last = append(bodies, body(t)), id
		if kind, grade, _ := gradeOf(t); grade > 0 {
			gradedKind = kind
		}
		return true
	})
	if gradedKind != "" {
		if err := s.readGraded(ctx, "list:"+gradedKind, geo.Code(of.region)); err != nil {
			return nil, "", err
		}
	}
	return bodies, next, nil
}
