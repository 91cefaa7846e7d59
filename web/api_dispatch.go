package web

import (
	"context"
	"net/http"
	"time"

	"onecity/gov/identity/access"
	"onecity/gov/incident/dispatch"
)

// DispatchBook keeps who answers for what and who is on duty; dispatch.Book is
// one.
type DispatchBook interface {
	// Responsible is the mandate that holds for a class in a region at that time;
	// nil when nobody has been named.
	Responsible(ctx context.Context, class, region string, at time.Time) (*dispatch.Mandate, error)
	// OnDuty are all turns at that time.
	OnDuty(ctx context.Context, at time.Time) ([]dispatch.Turn, error)
	Slots(ctx context.Context) ([]dispatch.Slot, error)
	Roster(ctx context.Context, by dispatch.By, region, date string, days int) ([]dispatch.RosterDay, error)
	SetRoster(ctx context.Context, by dispatch.By, day dispatch.RosterDay) (dispatch.RosterDay, error)
	Mandates(ctx context.Context, by dispatch.By, f dispatch.MandateFilter) ([]dispatch.Mandate, error)
	Entrust(ctx context.Context, by dispatch.By, m dispatch.Mandate) (dispatch.Mandate, error)
}

// candidatesBody is who could be sent to an incident, the best first.
type candidatesBody struct {
	Items       []candidateBody  `json:"items"`
	Responsible *responsibleBody `json:"responsible,omitempty" doc:"责任单位 Who answers for it; none when nobody has been named"`
	// Time is the model's.
	Time time.Time `json:"time" doc:"城市模型的时间 The model's time"`
}

type responsibleBody struct {
	Org     string   `json:"org" doc:"机构路径 Path of the organisation"`
	OrgName string   `json:"orgName"`
	Kinds   []string `json:"kinds" doc:"应派力量类别 Kinds of units that go"`
	Rule    string   `json:"rule" doc:"依据的责任条目编号 ID of the row of the responsibility list"`
	Class   string   `json:"class" doc:"条目的类别前缀 The row's class or beginning of it"`
	Region  string   `json:"region" doc:"条目的区域 The row's region"`
	Made    bool     `json:"made,omitempty" doc:"演示数据 Made up by the program"`
}

type candidateBody struct {
	Unit        string             `json:"unit"`
	Name        string             `json:"name"`
	Kind        string             `json:"kind"`
	Org         string             `json:"org,omitempty"`
	Status      string             `json:"status,omitempty" doc:"idle, moving, handling"`
	Free        bool               `json:"free" doc:"空闲 Has nothing to do"`
	Quiet       bool               `json:"quiet,omitempty" doc:"久未上报位置 Has not said where it is for long"`
	BusyWith    []string           `json:"busyWith,omitempty" doc:"在办案件号 Numbers of the incidents it has been sent to; the id where one has none yet"`
	Lon         float64            `json:"lon"`
	Lat         float64            `json:"lat"`
	Seen        time.Time          `json:"seen" doc:"最近位置时间 When it last said where it is"`
	Metres      float64            `json:"metres"`
	Seconds     float64            `json:"seconds"`
	Routed      bool               `json:"routed" doc:"沿路网；否则按直线估算 Over the streets; if not, estimated as the crow flies"`
	Route       *lineBody          `json:"route,omitempty"`
	Duty        bool               `json:"duty" doc:"当班 On duty there now"`
	Responsible bool               `json:"responsible" doc:"责任力量 Of a kind, or of the organisation, that answers for it"`
	Reasons     []dispatch.Because `json:"reasons"`
}

// lineBody is a GeoJSON LineString (RFC 7946, section 3.1.4), CGCS2000 lon, lat.
type lineBody struct {
	Type        string       `json:"type" enum:"LineString"`
	Coordinates [][2]float64 `json:"coordinates"`
}

type routeBody struct {
	Metres   float64       `json:"metres"`
	Seconds  float64       `json:"seconds"`
	Geometry lineBody      `json:"geometry"`
	Steps    []wayStepBody `json:"steps"`
	// OffFrom and OffTo are how far the ends are from the streets.
	OffFrom float64 `json:"offFrom" doc:"起点离路网，米 Metres from the start to the streets"`
	OffTo   float64 `json:"offTo" doc:"终点离路网，米 Metres from the streets to the end"`
}

type wayStepBody struct {
	Text   string     `json:"text"`
	TextEn string     `json:"textEn"`
	Metres float64    `json:"metres"`
	At     [2]float64 `json:"at" doc:"此步起点 lon, lat where the step begins"`
}

// rosterBody is a part of the duty roster 值班表.
type rosterBody struct {
	Region string               `json:"region"`
	Shifts []dispatch.Slot      `json:"shifts"`
	Days   []dispatch.RosterDay `json:"days"`
}

type rosterDayBody struct {
	Version int64     `json:"version" doc:"所见版本，从未排班为 0 The version that was read; 0 before the first"`
	Turns   []turnPut `json:"turns" maxItems:"200" doc:"当日全部班次；代替原有 All turns of the day, in place of those before"`
	Why     string    `json:"why,omitempty" maxLength:"500"`
}

type turnPut struct {
	Shift      string `json:"shift" maxLength:"32"`
	Unit       string `json:"unit,omitempty" maxLength:"128"`
	UnitName   string `json:"unitName,omitempty" maxLength:"100"`
	Person     string `json:"person,omitempty" maxLength:"128" doc:"person:…"`
	PersonName string `json:"personName,omitempty" maxLength:"100"`
	Note       string `json:"note,omitempty" maxLength:"200"`
}

type mandatePut struct {
	Class   string     `json:"class" maxLength:"16" doc:"类别代码前缀，空为全部 Class or the beginning of its code; empty is all"`
	Region  string     `json:"region" maxLength:"15" doc:"区域代码，含其下级 Region and all below it"`
	Org     string     `json:"org" maxLength:"64" doc:"机构路径；空为自此无责任单位 Path of the organisation; empty: nobody from then on"`
	OrgName string     `json:"orgName,omitempty" maxLength:"200"`
	Kinds   []string   `json:"kinds,omitempty" maxItems:"16" doc:"应派力量类别，空为该单位自有力量 Kinds of units that go; none is the organisation's own"`
	Since   time.Time  `json:"since,omitempty" doc:"自何时起，默认此刻 From when on; now by default"`
	Until   *time.Time `json:"until,omitempty"`
	Note    string     `json:"note,omitempty" maxLength:"500"`
	Version int64      `json:"version,omitempty" doc:"所见现行条目的版本 The version of the row that holds now, as it was read; 0 when none"`
	Why     string     `json:"why,omitempty" maxLength:"500"`
}

func (s *Server) dispatchRoutes() {
	s.candidateRoute()
	s.routeRoute()
	s.rosterRoutes()
	s.mandateRoutes()
}

// dispatcher is where an operation of the lists is answered from.
func (s *Server) dispatcher() (DispatchBook, error) {
	if s.Dispatch == nil {
		return nil, absent("the responsibility list")
	}
	return s.Dispatch, nil
}

// dispatchBy is the caller as the lists know who asks and who changes them.
func dispatchBy(ctx context.Context, why string) dispatch.By {
	c := callerIn(ctx)
	by := dispatch.By{Subject: c.ID, From: c.From, Session: c.Session, Why: why}
	for _, n := range c.Rights.Nodes(access.OrgView) {
		if n.Axis == access.ByRegion {
			by.Sees = append(by.Sees, n.Code)
		}
	}
	for _, n := range c.Rights.Nodes(access.DutyRoster) {
		if n.Axis == access.ByRegion {
			by.Edits = append(by.Edits, n.Code)
		}
	}
	return by
}

func (s *Server) rosterRoutes() {
	type query struct {
		Region string `query:"region" maxLength:"15" doc:"值班区域，空为全市 The region on duty for; empty is the whole city"`
		Date   string `query:"date" format:"date" doc:"首日，默认今日 The first day; today by default"`
		Days   int    `query:"days" minimum:"1" maximum:"31" default:"1" doc:"天数 How many days"`
	}
	get(s, access.OrgView, "/api/v1/duty-roster", "getDutyRoster", "incidents", "值班表 The duty roster",
		func(ctx context.Context, q *query) (*answered[rosterBody], error) {
			book, err := s.dispatcher()
			if err != nil {
				return nil, err
			}
			shifts, err := book.Slots(ctx)
			if err != nil {
				return nil, s.failed(ctx, "read the shifts", err)
			}
			days, err := book.Roster(ctx, dispatchBy(ctx, ""), q.Region, q.Date, q.Days)
			if err != nil {
				return nil, s.failed(ctx, "read the roster", err)
			}
			return &answered[rosterBody]{rosterBody{Region: q.Region, Shifts: shifts, Days: days}}, nil
		})
	type put struct {
		Region string `query:"region" maxLength:"15"`
		Date   string `query:"date" format:"date" required:"true"`
		Body   rosterDayBody
	}
	do(s, access.DutyRoster, http.MethodPut, "/api/v1/duty-roster", "putDutyRoster", "incidents", "排班，整日代替 Write a day of the roster",
		func(ctx context.Context, in *put) (*answered[dispatch.RosterDay], error) {
			book, err := s.dispatcher()
			if err != nil {
				return nil, err
			}
			day := dispatch.RosterDay{Region: in.Region, Date: in.Date, Version: in.Body.Version}
			for _, t := range in.Body.Turns {
				day.Turns = append(day.Turns, dispatch.Turn{Shift: t.Shift, Unit: t.Unit, UnitName: t.UnitName, Person: t.Person, PersonName: t.PersonName, Note: t.Note})
			}
			kept, err := book.SetRoster(ctx, dispatchBy(ctx, in.Body.Why), day)
			if err != nil {
				return nil, s.failed(ctx, "write the roster", err)
			}
			return &answered[dispatch.RosterDay]{kept}, nil
		})
}

func (s *Server) mandateRoutes() {
	type query struct {
		Region string    `query:"region" maxLength:"15" doc:"此区域及以下，以及其上级对其有效的 Of this region, those below, and those above that hold there"`
		Class  string    `query:"class" maxLength:"16" doc:"类别代码前缀 Beginning of the class's code"`
		At     time.Time `query:"at" doc:"何时有效，默认此刻 Those that hold then; now by default"`
		All    bool      `query:"all" doc:"含过去与将来 Past and future ones too"`
	}
	get(s, access.OrgView, "/api/v1/responsibilities", "listMandates", "incidents", "责任清单 The responsibility list",
		func(ctx context.Context, q *query) (*answered[listed[dispatch.Mandate]], error) {
			book, err := s.dispatcher()
			if err != nil {
				return nil, err
			}
			list, err := book.Mandates(ctx, dispatchBy(ctx, ""), dispatch.MandateFilter{Region: q.Region, Class: q.Class, At: q.At, All: q.All})
			if err != nil {
				return nil, s.failed(ctx, "read the responsibility list", err)
			}
			return paged(list, 0, nil), nil
		})
	type put struct{ Body mandatePut }
	do(s, access.DutyRoster, http.MethodPut, "/api/v1/responsibilities", "putMandate", "incidents", "指定责任单位 Say who answers for a class in a region",
		func(ctx context.Context, in *put) (*answered[dispatch.Mandate], error) {
			book, err := s.dispatcher()
			if err != nil {
				return nil, err
			}
			b := in.Body
			m, err := book.Entrust(ctx, dispatchBy(ctx, b.Why), dispatch.Mandate{Class: b.Class, Region: b.Region, Org: b.Org, OrgName: b.OrgName,
				Kinds: b.Kinds, Since: b.Since, Until: b.Until, Note: b.Note, Version: b.Version})
			if err != nil {
				return nil, s.failed(ctx, "write the responsibility list", err)
			}
			return &answered[dispatch.Mandate]{m}, nil
		})
}
