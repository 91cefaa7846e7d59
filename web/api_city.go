package web

import (
	"context"
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// cityBody says which city this is and where its stream stands.
type cityBody struct {
	Code     geo.Code   `json:"code" doc:"城市代码 GB/T 2260" example:"320583"`
	Name     string     `json:"name" example:"昆山市"`
	NameEn   string     `json:"nameEn" example:"Kunshan"`
	TimeZone string     `json:"timeZone" doc:"IANA time zone" example:"Asia/Shanghai"`
	Notices  []string   `json:"notices" doc:"屏幕上须说明的数据来源 What screens must say of the data"`
	BBox     [4]float64 `json:"bbox" doc:"[west, south, east, north]"`
	Centre   orb.Point  `json:"centre" doc:"[lon, lat]"`
	Epoch    string     `json:"epoch" doc:"数据流代次 Positions of another epoch mean nothing"`
	Seq      uint64     `json:"seq" doc:"数据流位置 Position of the newest event in the model"`
	Time     time.Time  `json:"time" doc:"模型时刻 Time of that event"`
	// Simulated says that some of what is shown was made by the simulator.
	Simulated bool `json:"simulated" doc:"含模拟数据 Some of the data is simulated"`
}

// RegionBody describes a region without its boundary.
type RegionBody struct {
	Code   geo.Code  `json:"code"`
	Name   string    `json:"name"`
	NameEn string    `json:"nameEn,omitempty"`
	Level  string    `json:"level" enum:"city,district,village,grid"`
	Parent geo.Code  `json:"parent,omitempty"`
	Centre orb.Point `json:"centre" doc:"[lon, lat]"`
	Made   bool      `json:"made" doc:"边界为程序生成，非实测 The boundary was made by the program"`
}

type regionDetail struct {
	RegionBody
	Geometry *geojson.Geometry `json:"geometry,omitempty" doc:"GeoJSON MultiPolygon"`
}

// levelNames are the levels of regions in the API.
var levelNames = [...]string{geo.LevelNone: "", geo.LevelCity: "city", geo.LevelDistrict: "district",
	geo.LevelVillage: "village", geo.LevelGrid: "grid"}

func (s *Server) cityRoutes() {
	type cityAnswer struct{ Body cityBody }
	get(s, access.CityView, "/api/v1/city", "getCity", "city", "城市概况 Which city this is, and where its stream stands",
		func(ctx context.Context, _ *struct{}) (*cityAnswer, error) {
			city, p := s.reader(requestOf(ctx), "")
			if p != nil {
				return nil, p
			}
			return &cityAnswer{s.cityBody(city)}, nil
		})

	type regionsQuery struct {
		Parent string `query:"parent" doc:"上级代码 Children of this region only" maxLength:"15"`
		Level  string `query:"level" enum:"city,district,village,grid" doc:"层级 Regions of this level only"`
		Q      string `query:"q" doc:"名称或代码片段 Part of a name or code" maxLength:"64"`
		Limit  int    `query:"limit" minimum:"1" maximum:"5000" default:"1000" doc:"至多返回多少 At most so many"`
	}
	type regionsAnswer struct {
		Body struct {
			Regions []RegionBody `json:"regions"`
		}
	}
	get(s, access.CityView, "/api/v1/regions", "listRegions", "city", "区域列表 Regions, from the city down to its grids",
		func(ctx context.Context, q *regionsQuery) (*regionsAnswer, error) {
			city, p := s.reader(requestOf(ctx), "")
			if p != nil {
				return nil, p
			}
			a := &regionsAnswer{}
			a.Body.Regions = []RegionBody{}
			list := city.Regions().All()
			if q.Parent != "" {
				list = city.Regions().Children(geo.Code(q.Parent))
			}
			for _, r := range list {
				if len(a.Body.Regions) < q.Limit && regionMatches(r, q.Level, q.Q) {
					a.Body.Regions = append(a.Body.Regions, regionOf(r))
				}
			}
			return a, nil
		})

	type regionPath struct {
		Code string `path:"code" maxLength:"15"`
	}
	type regionAnswer struct{ Body regionDetail }
	get(s, access.CityView, "/api/v1/regions/{code}", "getRegion", "city", "区域及其边界 A region with its boundary",
		func(ctx context.Context, in *regionPath) (*regionAnswer, error) {
			city, p := s.reader(requestOf(ctx), "")
			if p != nil {
				return nil, p
			}
			r, ok := city.Regions().Get(geo.Code(in.Code))
			if !ok {
				return nil, notFound("区域", in.Code)
			}
			d := regionDetail{RegionBody: regionOf(r)}
			if len(r.Geometry) > 0 {
				d.Geometry = geojson.NewGeometry(r.Geometry)
			}
			return &regionAnswer{d}, nil
		})

	s.registerTables()
}

func (s *Server) cityBody(city cim.Reader) cityBody {
	p := city.Profile()
	b := city.Regions().Bound()
	if r, ok := city.Regions().Get(p.City); ok && len(r.Geometry) > 0 {
		b = r.Geometry.Bound()
	}
	notices := p.Notices
	if notices == nil {
		notices = []string{}
	}
	return cityBody{
		Code: p.City, Name: p.Name, NameEn: p.NameEn, TimeZone: p.TimeZone, Notices: notices,
		BBox: [4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}, Centre: b.Center(),
		Epoch: s.city.Epoch(), Seq: city.Seq(), Time: city.At(), Simulated: simulated(city),
	}
}

// simulated looks whether there is simulated data among the first thousand of
// each kind: a simulation that is smaller than that beside so much real data
// is said per thing.
func simulated(city cim.Reader) (yes bool) {
	const some = 1000
	world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	city.Devices(world, some, func(d *cim.DeviceState) bool { yes = d.Simulated; return !yes })
	if !yes {
		city.Units(world, some, func(u *cim.UnitState) bool { yes = u.Simulated; return !yes })
	}
	if !yes {
		city.Incidents(world, some, func(i *cim.IncidentState) bool { yes = i.Simulated; return !yes })
	}
	return yes
}

func regionOf(r *geo.Region) RegionBody {
	b := RegionBody{Code: r.Code, Name: r.Name, NameEn: r.NameEn, Parent: r.Parent, Centre: r.Centre, Made: r.Made}
	if int(r.Level) < len(levelNames) {
		b.Level = levelNames[r.Level]
	}
	return b
}

func regionMatches(r *geo.Region, level, q string) bool {
	if level != "" && regionOf(r).Level != level {
		return false
	}
	return q == "" || strings.Contains(r.Name, q) || strings.HasPrefix(string(r.Code), q) ||
		strings.Contains(strings.ToLower(r.NameEn), strings.ToLower(q))
}

var _ huma.StatusError = (*problem.Problem)(nil)

// regionName is the name of a region; "" when there is none.
func (s *Server) regionName(code string) string {
	r, ok := s.city.Snapshot().In(cim.Whole()).Regions().Get(geo.Code(code))
	if !ok {
		return ""
	}
	return r.Name
}
