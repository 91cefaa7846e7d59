package web

import (
	"context"
	"net/http"

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

// world is where everything is.
var world = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

func (s *Server) thingRoutes() {
	s.listRoutes()
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
			if kind, grade, region := gradeOf(thing); grade > 0 {
				if err := s.readGraded(ctx, kind+":"+in.ID, region); err != nil {
					return nil, err
				}
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
