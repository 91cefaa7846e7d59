package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/gov/incident/duty"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/paulmach/orb"
)

// dutyBody is whether the caller is on duty.
type dutyBody struct {
	On       bool       `json:"on"`
	Unit     string     `json:"unit,omitempty"`
	UnitName string     `json:"unitName,omitempty"`
	Kind     string     `json:"kind,omitempty" doc:"grid, enforcement …"`
	Since    *time.Time `json:"since,omitempty"`
	Doubtful bool       `json:"doubtful,omitempty" doc:"手机时钟有误，时间已校正 The phone's clock was wrong, the times were put right"`
	Grids    []string   `json:"grids" doc:"本人负责的区域代码 Codes of the regions that the caller works in"`
	Now      time.Time  `json:"now" doc:"服务器时间 The server's clock"`
}

type dutyChange struct {
	Body struct {
		On     bool       `json:"on"`
		Unit   string     `json:"unit,omitempty" maxLength:"128" doc:"力量，缺省为本人 Id of a unit; the person's own by default"`
		At     *time.Time `json:"at,omitempty" doc:"离线时记下的时间（手机时钟）When it was, by the phone's clock, if told later"`
		SentAt *time.Time `json:"sentAt,omitempty" doc:"发送时的手机时钟 The phone's clock when sending"`
	}
}

func (s *Server) dutyRoutes() {
	get(s, signedIn, "/api/v1/me/duty", "myDuty", "incidents", "我在岗吗 Whether the caller is on duty",
		func(ctx context.Context, _ *struct{}) (*answered[dutyBody], error) {
			if s.Duty == nil {
				return nil, absent("the duty")
			}
			return s.dutyOf(ctx)
		})
	do(s, access.UnitMove, http.MethodPut, "/api/v1/me/duty", "setMyDuty", "incidents", "上岗、离岗 Begin or end a shift",
		func(ctx context.Context, in *dutyChange) (*answered[dutyBody], error) {
			if s.Duty == nil {
				return nil, absent("the duty")
			}
			c, at := callerIn(ctx), orZero(in.Body.At)
			clock := duty.ClockOf(orZero(in.Body.SentAt), s.Gate.Now())
			if !in.Body.On {
				ended, err := s.Duty.End(ctx, c.ID, at, clock)
				if err != nil {
					return nil, s.offDuty(ctx, "end a shift", err)
				}
				if ended != nil {
					s.leave(ctx, ended.Unit)
				}
				return s.dutyOf(ctx)
			}
			u, err := s.unitFor(ctx, c, in.Body.Unit)
			if err != nil {
				return nil, err
			}
			if _, err := s.Duty.Begin(ctx, c.ID, u, at, clock); err != nil {
				return nil, s.offDuty(ctx, "begin a shift", err)
			}
			return s.dutyOf(ctx)
		})
	s.trackRoutes()
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (s *Server) dutyOf(ctx context.Context) (*answered[dutyBody], error) {
	c := callerIn(ctx)
	on, err := s.Duty.On(ctx, c.ID)
	if err != nil {
		return nil, s.failed(ctx, "say whether somebody is on duty", err)
	}
	b := dutyBody{Grids: grids(c), Now: s.Gate.Now()}
	if on != nil {
		b.On, b.Unit, b.UnitName, b.Kind, b.Since, b.Doubtful = true, on.Unit, on.Name, on.Kind, &on.Began, on.Doubtful
	}
	return &answered[dutyBody]{b}, nil
}

// grids are the regions that the caller works in.
func grids(c Caller) []string {
	out := []string{}
	for _, n := range c.Rights.Nodes(access.UnitMove) {
		if n.Axis == access.ByRegion && !slices.Contains(out, n.Code) {
			out = append(out, n.Code)
		}
	}
	return out
}

// unitFor is the unit of that id, or the caller's own when id is empty.
func (s *Server) unitFor(ctx context.Context, c Caller, id string) (duty.Unit, error) {
	own, err := s.ownUnit(ctx, c)
	if err != nil {
		return duty.Unit{}, err
	}
	if id == "" || id == own.ID {
		if own.ID == "" {
			return duty.Unit{}, problem.New(http.StatusUnprocessableEntity, "须指明力量 / a program must name a unit",
				ingest.Problem{Field: "/unit", Code: ingest.CodeMissing, Message: "缺少力量 / the unit is missing"})
		}
		return own, nil
	}
	u, ok := s.city.Snapshot().In(c.Scope).Unit(id)
	if !ok || strings.HasPrefix(id, "p-") || !c.Rights.Can(access.UnitMove, access.Object{Region: string(u.Home), NoOrg: true}) {
		return duty.Unit{}, notFound("力量", id)
	}
	return duty.Unit{ID: u.ID, Name: u.Name, Kind: u.Kind, Home: string(u.Home)}, nil
}

// ownUnit is the person as a unit 力量, at home in the smallest of their regions.
func (s *Server) ownUnit(ctx context.Context, c Caller) (duty.Unit, error) {
	if !strings.HasPrefix(c.ID, "person:") {
		return duty.Unit{}, nil
	}
	login, name := strings.TrimPrefix(c.ID, "person:"), c.Name
	if c.signed != nil {
		p, err := s.directory().Person(ctx, identity.System(""), c.signed.Person)
		if err != nil {
			return duty.Unit{}, s.failed(ctx, "find the caller in the directory", err)
		}
		login, name = p.Login, p.Name
	}
	u := duty.Unit{ID: "p-" + login, Name: name, Kind: "grid", Own: true}
	for _, code := range grids(c) {
		if len(code) > len(u.Home) {
			u.Home = code
		}
	}
	if slices.ContainsFunc(c.Rights.Holds(), func(b access.Binding) bool { return b.Role == "enforcer" }) {
		u.Kind = "enforcement"
	}
	return u, nil
}

// leave shows a unit as off duty where it was last.
func (s *Server) leave(ctx context.Context, unit string) {
	u, ok := s.city.Snapshot().In(cim.Whole()).Unit(unit)
	if !ok || u.Position.Time.IsZero() {
		return
	}
	p := u.Position
	p.Time, p.Status, p.Speed = s.Gate.Now(), "off", 0
	if _, err := s.Gate.Positions(ctx, "/office/duty", "", []cim.Position{p}); err != nil {
		s.log.WarnContext(ctx, "a unit went off duty and is not shown so", "unit", unit, "error", err)
	}
}

// areaOf joins the regions of those codes; empty where one has no shape.
func (s *Server) areaOf(codes []string) (area orb.MultiPolygon) {
	regions := s.city.Snapshot().In(cim.Whole()).Regions()
	for _, code := range codes {
		if r, ok := regions.Get(geo.Code(code)); ok && code != "" {
			area = append(area, r.Geometry...)
		}
	}
	return area
}

func (s *Server) offDuty(ctx context.Context, doing string, err error) error {
	if p := dutyProblem(err); p != nil {
		return p
	}
	return s.failed(ctx, doing, err)
}
