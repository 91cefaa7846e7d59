package web

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/gov/incident"
	"onecity/internal/calendar"
	"onecity/internal/flow"

	"github.com/paulmach/orb"
	sphere "github.com/paulmach/orb/geo"
)

type caseList struct {
	Items []incident.Case `json:"items"`
	Next  string          `json:"next,omitempty" doc:"下一页的 after The after of the next page"`
}

type caseQuery struct {
	IDs     []string  `query:"ids" maxItems:"500" doc:"仅这些案件，以逗号分隔 Only these, separated by commas: a page reads again what has changed"`
	Region  string    `query:"region" maxLength:"32" doc:"区域代码 A region and all inside it"`
	State   []string  `query:"state" doc:"状态，以逗号分隔 States, separated by commas"`
	Open    bool      `query:"open" doc:"未结 Only what is not at its end"`
	Class   string    `query:"class" maxLength:"16" doc:"类别代码或其开头 A class, or how its code begins"`
	Channel string    `query:"channel" maxLength:"64"`
	Handler string    `query:"handler" maxLength:"200"`
	Unit    string    `query:"unit" maxLength:"128"`
	Org     string    `query:"org" maxLength:"200" doc:"责任单位路径 Path of an organisation, and all below it"`
	Late    bool      `query:"late" doc:"超时 Past a limit"`
	Urged   bool      `query:"urged" doc:"督办 Urged"`
	Text    string    `query:"q" maxLength:"100" doc:"编号、标题、地址中的文字 Words in number, title, address"`
	From    time.Time `query:"from"`
	To      time.Time `query:"to" doc:"上报时间早于 Reported before"`
	Order   string    `query:"order" enum:"urgency,newest,due" default:"newest"`
	After   string    `query:"after" maxLength:"1000"`
	Limit   int       `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (q *caseQuery) query() incident.Query {
	out := incident.Query{IDs: q.IDs, Region: q.Region, Open: q.Open, Class: q.Class, Channel: q.Channel, Handler: q.Handler, Unit: q.Unit, Org: q.Org,
		Late: q.Late, Urged: q.Urged, Text: q.Text, From: q.From, To: q.To, Order: q.Order, After: q.After, Limit: q.Limit}
	for _, s := range q.State {
		out.States = append(out.States, flow.State(s))
	}
	return out
}

// countsBody are how the cases of a region stand, with its towns.
type countsBody struct {
	incident.Counts
	ByTown []townCount `json:"byTown" doc:"下级区域 The regions right below"`
}

type townCount struct {
	Code geo.Code `json:"code"`
	Name string   `json:"name"`
	Open int      `json:"open"`
	Late int      `json:"late"`
}

func (s *Server) caseListRoutes() {
	get(s, access.CityView, "/api/v1/cases", "listCases", "cases", "案件列表 Cases, open and closed",
		func(ctx context.Context, q *caseQuery) (*answered[caseList], error) {
			c := callerIn(ctx)
			p, err := s.Cases.List(ctx, caseScope(c), q.query())
			if err != nil {
				return nil, s.uncased(ctx, "list cases", "", err)
			}
			if slices.ContainsFunc(p.Items, func(c incident.Case) bool { return c.Grade > 0 }) {
				if err := s.readGraded(ctx, "list:incident", geo.Code(q.Region)); err != nil {
					return nil, err
				}
			}
			return &answered[caseList]{caseList{hideReporters(c, p.Items), p.Next}}, nil
		})
	type countQuery struct {
		Region string    `query:"region" maxLength:"32" doc:"区域代码 A region and all inside it"`
		From   time.Time `query:"from" doc:"已办结的自此时起统计，缺省今日零时 Since when those at an end are counted; by default today"`
	}
	get(s, access.CityView, "/api/v1/cases/counts", "countCases", "cases", "案件统计 How many cases stand how",
		func(ctx context.Context, q *countQuery) (*answered[countsBody], error) {
			from := q.From
			if from.IsZero() {
				from = calendar.DateOf(s.Gate.Now()).Start()
			}
			c := callerIn(ctx)
			below := s.below(geo.Code(q.Region))
			deep := 0
			for _, r := range below {
				deep = max(deep, len(r.Code))
			}
			counts, err := s.Cases.Counts(ctx, caseScope(c), q.Region, from, deep)
			if err != nil {
				return nil, s.uncased(ctx, "count cases", "", err)
			}
			return &answered[countsBody]{countsBody{counts, byTown(c, below, counts.ByRegion)}}, nil
		})
	type mineQuery struct {
		Lon float64 `query:"lon" minimum:"-180" maximum:"180"`
		Lat float64 `query:"lat" minimum:"-90" maximum:"90" doc:"给出位置则按距离排序 With a place, the nearest come first"`
	}
	get(s, access.CityView, "/api/v1/me/cases", "myCases", "cases", "我的案件 Cases that wait for the caller",
		func(ctx context.Context, q *mineQuery) (*answered[mineBody], error) {
			c := callerIn(ctx)
			units, err := s.unitsOf(ctx, c)
			if err != nil {
				return nil, err
			}
			list, err := s.Cases.Mine(ctx, caseScope(c), seer(c), units)
			if err != nil {
				return nil, s.uncased(ctx, "list what waits for somebody", "", err)
			}
			if err := s.readCases(ctx, "list:incident:mine", list...); err != nil {
				return nil, err
			}
			hideReporters(c, list)
			b := mineBody{Items: make([]mineCase, len(list)), Time: s.Gate.Now()}
			here := q.Lon != 0 || q.Lat != 0
			for i, one := range list {
				b.Items[i].Case = one
				if here {
					metres := math.Round(sphere.Distance(orb.Point{q.Lon, q.Lat}, orb.Point{one.Lon, one.Lat}))
					b.Items[i].Metres = &metres
				}
			}
			if here {
				slices.SortStableFunc(b.Items, func(a, b mineCase) int { return cmp.Compare(*a.Metres, *b.Metres) })
			}
			return &answered[mineBody]{b}, nil
		})
}

type mineBody struct {
	Items []mineCase `json:"items"`
	Time  time.Time  `json:"time" doc:"服务器时间 The server's clock"`
}

type mineCase struct {
	incident.Case
	Metres *float64 `json:"metres,omitempty" doc:"直线距离 As the crow flies"`
}

// unitsOf are the units that the caller is on duty with.
func (s *Server) unitsOf(ctx context.Context, c Caller) ([]string, error) {
	if s.Duty == nil {
		return nil, nil
	}
	on, err := s.Duty.On(ctx, c.ID)
	if err != nil {
		return nil, s.failed(ctx, "ask with which unit somebody is on duty", err)
	}
	if on == nil {
		return nil, nil
	}
	return []string{on.Unit}, nil
}

// below are the regions right below one; "" is the whole city, whose towns are
// below its root.
func (s *Server) below(region geo.Code) []*geo.Region {
	regions := s.city.Snapshot().In(cim.Whole()).Regions()
	if roots := regions.Roots(); region == "" && len(roots) == 1 {
		region = roots[0].Code
	}
	return regions.Children(region)
}

// byTown sums up the tallies for the regions that the caller sees.
func byTown(c Caller, below []*geo.Region, tallies map[string]incident.Tally) []townCount {
	out := []townCount{}
	for _, r := range below {
		if !reaches(c.Scope, r.Code) {
			continue
		}
		t := townCount{Code: r.Code, Name: r.Name}
		for code, n := range tallies {
			if strings.HasPrefix(code, string(r.Code)) {
				t.Open += n.Open
				t.Late += n.Late
			}
		}
		out = append(out, t)
	}
	return out
}

// reaches reports whether a scope sees incidents of a region or within it.
func reaches(scope cim.Scope, region geo.Code) bool {
	return slices.ContainsFunc(scope.Pieces(cim.LayerIncidents), func(p cim.Grant) bool {
		return p.Region.Contains(region) || region.Contains(p.Region)
	})
}
