package web

import (
	"context"
	"net/http"
	"slices"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/paulmach/orb"
)

type idPath struct {
	ID string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
}

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

var world = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

func (s *Server) thingRoutes() {
	one(s, "objects", "getObject", "部件详情 One object 部件", cim.Reader.Object, objectOf, "部件")
	one(s, "devices", "getDevice", "设备详情 One device with what it last said", cim.Reader.Device, deviceOf, "设备")
	one(s, "units", "getUnit", "力量详情 One unit and where it is", cim.Reader.Unit, unitOf, "力量")
	one(s, "incidents", "getIncident", "案件详情 One incident", cim.Reader.Incident, incidentOf, "案件")

	type cellPath struct {
		H3 string `path:"h3" maxLength:"16" doc:"H3 编号，分辨率不高于 9 An H3 cell of resolution 9 or coarser"`
	}
	type cellAnswer struct{ Body cellBody }
	get(s, access.CityView, "/api/v1/cells/{h3}", "getCell", "things", "网格单元详情 One cell over its four windows",
		func(ctx context.Context, in *cellPath) (*cellAnswer, error) {
			city, p := s.reader(requestOf(ctx), "")
			if p != nil {
				return nil, p
			}
			id, p := parseCell(in.H3)
			if p != nil {
				return nil, p
			}
			c, ok := city.Cell(id)
			if !ok {
				return nil, notFound("网格单元", in.H3)
			}
			return &cellAnswer{cellOf(c)}, nil
		})

	type devicesAnswer struct {
		Body struct {
			Devices []deviceBody `json:"devices"`
			Next    string       `json:"next,omitempty" doc:"下一页的 after The after of the next page"`
		}
	}
	get(s, access.CityView, "/api/v1/devices", "listDevices", "things", "设备列表 Devices",
		func(ctx context.Context, q *listQuery) (*devicesAnswer, error) {
			city, p := s.reader(requestOf(ctx), q.Region)
			if p != nil {
				return nil, p
			}
			list := newPage[cim.DeviceState](q.Limit, q.After)
			city.Devices(world, 0, func(d *cim.DeviceState) bool {
				if q.Kind == "" || d.Kind == q.Kind {
					list.add(d.ID, d)
				}
				return true
			})
			a := &devicesAnswer{}
			a.Body.Devices, a.Body.Next = answerPage(list, deviceOf)
			return a, nil
		})

	type unitsAnswer struct {
		Body struct {
			Units []unitBody `json:"units"`
			Next  string     `json:"next,omitempty" doc:"下一页的 after The after of the next page"`
		}
	}
	get(s, access.CityView, "/api/v1/units", "listUnits", "things", "力量列表 Units that have said where they are",
		func(ctx context.Context, q *listQuery) (*unitsAnswer, error) {
			city, p := s.reader(requestOf(ctx), q.Region)
			if p != nil {
				return nil, p
			}
			list := newPage[cim.UnitState](q.Limit, q.After)
			city.Units(world, 0, func(u *cim.UnitState) bool {
				if q.Kind == "" || u.Kind == q.Kind {
					list.add(u.ID, u)
				}
				return true
			})
			a := &unitsAnswer{}
			a.Body.Units, a.Body.Next = answerPage(list, unitOf)
			return a, nil
		})

	type incidentsAnswer struct {
		Body struct {
			Incidents []incidentBody `json:"incidents"`
			Next      string         `json:"next,omitempty" doc:"下一页的 after The after of the next page"`
		}
	}
	get(s, access.CityView, "/api/v1/incidents", "listIncidents", "incidents", "案件列表 Incidents, open or closed within 24 h",
		func(ctx context.Context, q *incidentQuery) (*incidentsAnswer, error) {
			city, p := s.reader(requestOf(ctx), q.Region)
			if p != nil {
				return nil, p
			}
			list := newPage[cim.IncidentState](q.Limit, q.After)
			city.Incidents(world, 0, func(i *cim.IncidentState) bool {
				if q.matches(i) {
					list.add(i.ID, i)
				}
				return true
			})
			a := &incidentsAnswer{}
			a.Body.Incidents, a.Body.Next = answerPage(list, incidentOf)
			return a, nil
		})
}

func (q *incidentQuery) matches(i *cim.IncidentState) bool {
	switch {
	case q.Status == "open" && !i.Status.Open(),
		q.Status != "" && q.Status != "open" && q.Status != string(i.Status),
		q.Class != "" && q.Class != i.Class,
		q.Late && !i.Late:
		return false
	}
	return true
}

// one declares GET /api/v1/<plural>/{id}.
func one[T, B any](s *Server, plural, id, summary string,
	find func(cim.Reader, string) (*T, bool), body func(*T) B, noun string) {
	type answer struct{ Body B }
	tag := "things"
	if plural == "incidents" {
		tag = plural
	}
	get(s, access.CityView, "/api/v1/"+plural+"/{id}", id, tag, summary,
		func(ctx context.Context, in *idPath) (*answer, error) {
			city, p := s.reader(requestOf(ctx), "")
			if p != nil {
				return nil, p
			}
			thing, ok := find(city, in.ID)
			if !ok {
				return nil, notFound(noun, in.ID)
			}
			return &answer{body(thing)}, nil
		})
}

func parseCell(text string) (geo.Cell, *problem.Problem) {
	c, err := geo.ParseCell(text)
	if err != nil || c.Resolution() > geo.BaseResolution {
		return 0, problem.New(http.StatusUnprocessableEntity, "不是网格单元 / not a cell", ingest.Problem{
			Field: "path/h3", Value: ingest.Shorten(text), Code: ingest.CodeMalformed,
			Message: "不是 H3 单元 / not an H3 cell", Expected: "hexadecimal, resolution 0 to 9"})
	}
	return c, nil
}

// page keeps the limit things with the smallest ids after one id.
type page[T any] struct {
	after string
	limit int
	ids   []string
	found map[string]*T
	more  bool
}

func newPage[T any](limit int, after string) *page[T] {
	return &page[T]{after: after, limit: limit, found: map[string]*T{}}
}

func (p *page[T]) add(id string, t *T) {
	if p.after != "" && id <= p.after {
		return
	}
	if p.more && id > p.ids[p.limit-1] {
		return
	}
	p.ids = append(p.ids, id)
	p.found[id] = t
	if len(p.ids) >= 2*p.limit+16 {
		p.cut()
	}
}

func (p *page[T]) cut() {
	slices.Sort(p.ids)
	if len(p.ids) <= p.limit {
		return
	}
	for _, id := range p.ids[p.limit:] {
		delete(p.found, id)
	}
	p.ids, p.more = p.ids[:p.limit], true
}

// answerPage is the page's bodies and the id after which the next page begins.
func answerPage[T, B any](p *page[T], body func(*T) B) (bodies []B, next string) {
	p.cut()
	bodies = make([]B, 0, len(p.ids))
	for _, id := range p.ids {
		bodies = append(bodies, body(p.found[id]))
	}
	if p.more {
		next = p.ids[len(p.ids)-1]
	}
	return bodies, next
}
