package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/gov/incident/warning"
	"onecity/ingest"
	"onecity/internal/flow"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

type warningBody struct {
	Event         string       `json:"event" maxLength:"50" doc:"预警事件，如 暴雨 What it warns of"`
	EventEn       string       `json:"eventEn,omitempty" maxLength:"100"`
	Category      string       `json:"category" enum:"Geo,Met,Safety,Security,Rescue,Fire,Health,Env,Transport,Infra,CBRNE,Other" doc:"CAP 1.2"`
	Colour        string       `json:"colour" enum:"blue,yellow,orange,red"`
	Urgency       string       `json:"urgency" enum:"Immediate,Expected,Future,Past,Unknown"`
	Certainty     string       `json:"certainty" enum:"Observed,Likely,Possible,Unlikely,Unknown"`
	Headline      string       `json:"headline" maxLength:"160"`
	HeadlineEn    string       `json:"headlineEn,omitempty" maxLength:"300"`
	Text          string       `json:"text" maxLength:"2000"`
	TextEn        string       `json:"textEn,omitempty" maxLength:"4000"`
	Instruction   string       `json:"instruction" maxLength:"2000" doc:"防御指南 What to do"`
	InstructionEn string       `json:"instructionEn,omitempty" maxLength:"4000"`
	Regions       []string     `json:"regions" minItems:"1" maxItems:"200"`
	Area          string       `json:"area,omitempty" maxLength:"300" doc:"区域说明；缺省为区域名称 Empty: the regions' names"`
	AreaEn        string       `json:"areaEn,omitempty" maxLength:"500"`
	Polygon       [][2]float64 `json:"polygon,omitempty" maxItems:"2000" doc:"lon, lat, CGCS2000"`
	Onset         time.Time    `json:"onset,omitzero"`
	Expires       time.Time    `json:"expires"`
	Sender        string       `json:"sender,omitempty" maxLength:"100" doc:"发布单位 In whose name"`
	Contact       string       `json:"contact,omitempty" maxLength:"100"`
	Exercise      bool         `json:"exercise,omitempty" doc:"演练 A drill"`
	Replaces      string       `json:"replaces,omitempty" maxLength:"64" doc:"被更新的预警 The warning that it takes the place of"`
	Version       int64        `json:"version,omitempty"`
	Why           string       `json:"why,omitempty" maxLength:"500"`
}

func (b warningBody) warning() warning.Warning {
	return warning.Warning{Event: b.Event, EventEn: b.EventEn, Category: b.Category, Colour: b.Colour, Urgency: b.Urgency, Certainty: b.Certainty,
		Headline: b.Headline, HeadlineEn: b.HeadlineEn, Text: b.Text, TextEn: b.TextEn, Instruction: b.Instruction, InstructionEn: b.InstructionEn,
		Regions: b.Regions, Area: b.Area, AreaEn: b.AreaEn, Polygon: b.Polygon, Onset: b.Onset, Expires: b.Expires, Sender: b.Sender,
		Contact: b.Contact, Exercise: b.Exercise, Replaces: b.Replaces, Version: b.Version}
}

// warningWithOffers is a warning with what the caller can do with it.
type warningWithOffers struct {
	warning.Warning
	Offers []flow.Offer `json:"offers"`
}

// currentWarnings are those in force where the caller sees anything.
type currentWarnings struct {
	Items []warning.Warning `json:"items"`
	Time  time.Time         `json:"time" doc:"服务器时间 The server's time"`
}

// shown are warnings as the caller may read them: who wrote and issued them is
// for those who do so themselves.
func shown(c Caller, list []warning.Warning) []warning.Warning {
	if !c.may(access.WarningIssue) {
		for i := range list {
			list[i] = list[i].Public()
		}
	}
	return list
}

// sees reports whether the caller sees anything of a region.
func (c Caller) sees(region string) bool {
	_, ok := c.Scope.Within(geo.Code(region))
	return ok
}

func (s *Server) warningRoutes() {
	const tag, path = "warnings", "/api/v1/warnings"
	type query struct {
		State string `query:"state" enum:"draft,issued,replaced,cancelled,expired,dropped,"`
		After string `query:"after" maxLength:"64"`
		Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	get(s, access.CityView, path, "listWarnings", tag, "预警列表 Warnings, the newest first",
		func(ctx context.Context, q *query) (*answered[listed[warning.Warning]], error) {
			c := callerIn(ctx)
			list, err := s.Warnings.List(ctx, actor(c), warning.Filter{State: flow.State(q.State), After: q.After, Limit: q.Limit}, c.sees)
			if err != nil {
				return nil, s.unwarned(ctx, "list warnings", err)
			}
			return paged(shown(c, list), q.Limit, func(w warning.Warning) string { return w.ID }), nil
		})
	get(s, access.CityView, path+"/current", "currentWarnings", tag, "生效中的预警，最严重的在前 Warnings in force, the gravest first",
		func(ctx context.Context, _ *struct{}) (*answered[currentWarnings], error) {
			list, err := s.Warnings.Current(ctx, callerIn(ctx).sees)
			if err != nil {
				return nil, s.unwarned(ctx, "read the warnings in force", err)
			}
			return &answered[currentWarnings]{currentWarnings{shown(callerIn(ctx), list), time.Now()}}, nil
		})
	type draft struct{ Body warningBody }
	do(s, access.WarningIssue, http.MethodPost, path, "draftWarning", tag, "拟制预警 Draft a warning",
		func(ctx context.Context, in *draft) (*answered[warningWithOffers], error) {
			w, err := s.Warnings.Draft(ctx, actor(callerIn(ctx)), s.named(in.Body.warning()), in.Body.Why)
			if err != nil {
				return nil, s.unwarned(ctx, "draft a warning", err)
			}
			return s.offered(ctx, w)
		})
	type edit struct {
		ID   string `path:"id" maxLength:"64"`
		Body warningBody
	}
	do(s, access.WarningIssue, http.MethodPut, path+"/{id}", "editWarning", tag, "修改拟制中的预警 Change a draft",
		func(ctx context.Context, in *edit) (*answered[warningWithOffers], error) {
			w := s.named(in.Body.warning())
			w.ID = in.ID
			w, err := s.Warnings.Edit(ctx, actor(callerIn(ctx)), w, in.Body.Why)
			if err != nil {
				return nil, s.unwarned(ctx, "change a warning", err)
			}
			return s.offered(ctx, w)
		})
	for _, e := range []struct {
		event       flow.Event
		id, summary string
	}{
		{warning.Issue, "issueWarning", "发布 Issue it (orange and red: by another person)"},
		{warning.Cancel, "cancelWarning", "解除 Cancel it"},
		{warning.Drop, "dropWarning", "作废 Drop a draft"},
	} {
		do(s, access.WarningIssue, http.MethodPost, path+"/{id}/"+string(e.event), e.id, tag, e.summary,
			func(ctx context.Context, in *warningMove) (*answered[warningWithOffers], error) {
				input := map[string]json.RawMessage{}
				if in.Body.Reason != "" {
					input["reason"], _ = json.Marshal(in.Body.Reason) // a text always can be
				}
				w, err := s.Warnings.Fire(ctx, actor(callerIn(ctx)), in.ID, e.event, in.Body.Version, input, in.Body.Why)
				if err != nil {
					return nil, s.unwarned(ctx, "move a warning on", err)
				}
				return s.offered(ctx, w)
			})
	}
	s.raw(operation{
		need: access.CityView, method: http.MethodGet, path: path + "/{id}", id: "getWarning", tag: tag,
		summary: "一条预警；编号后加 .cap.xml 为 CAP 1.2 One warning; with .cap.xml behind the id as CAP 1.2 (application/cap+xml)",
		params:  []*huma.Param{pathParam("id", "编号 The warning's id, or with .cap.xml")}, answer: warningWithOffers{}, errors: []int{404, 503},
	}, s.oneWarning)
	s.raw(operation{
		need: access.CityView, method: http.MethodGet, path: "/warnings/feed.xml", id: "warningFeed", tag: tag,
		summary: "预警订阅 Warnings as an Atom feed", answerType: "application/atom+xml", errors: []int{503},
	}, s.warningFeed)
}

// warningMove is what somebody does with a warning.
type warningMove struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Version int64  `json:"version"`
		Reason  string `json:"reason,omitempty" maxLength:"500" doc:"解除理由 Why it is cancelled"`
		Why     string `json:"why,omitempty" maxLength:"500"`
	}
}

// named fills in the words of a warning's area from the names of its regions.
func (s *Server) named(w warning.Warning) warning.Warning {
	var zh, en []string
	regions := s.city.Snapshot().In(cim.Whole()).Regions()
	for _, code := range w.Regions {
		if r, ok := regions.Get(geo.Code(code)); ok {
			zh, en = append(zh, r.Name), append(en, r.NameEn)
		}
	}
	if w.Area == "" {
		w.Area = ingest.Shorten(strings.Join(zh, "、"))
	}
	if w.AreaEn == "" {
		w.AreaEn = ingest.Shorten(strings.Join(en, ", "))
	}
	return w
}

// offered adds what the caller can do.
func (s *Server) offered(ctx context.Context, w warning.Warning) (*answered[warningWithOffers], error) {
	b := &answered[warningWithOffers]{warningWithOffers{w, []flow.Offer{}}}
	if callerIn(ctx).may(access.WarningIssue) {
		_, offers, err := s.Flow.Events(ctx, actor(callerIn(ctx)), warning.MachineName, w.ID)
		if err != nil {
			return nil, s.unwarned(ctx, "ask what can be done", err)
		}
		b.Body.Offers = offers
	}
	return b, nil
}

func (s *Server) oneWarning(w http.ResponseWriter, r *http.Request) {
	if s.Warnings == nil || s.Flow == nil {
		absent("the warnings").Write(w)
		return
	}
	c := CallerOf(r)
	id, asCAP := strings.CutSuffix(r.PathValue("id"), ".cap.xml")
	found, err := s.Warnings.Get(r.Context(), actor(c), id, c.sees)
	if err != nil {
		s.unwarned(r.Context(), "find a warning", err).Write(w)
		return
	}
	if !asCAP {
		found = shown(c, []warning.Warning{found})[0]
		b, err := s.offered(r.Context(), found)
		if err != nil {
			s.failed(r.Context(), "find a warning", err).Write(w)
			return
		}
		writeJSON(w, http.StatusOK, b.Body)
		return
	}
	body, err := s.Warnings.CAP(r.Context(), found)
	if err != nil {
		s.unwarned(r.Context(), "write a warning as CAP", err).Write(w)
		return
	}
	writeXML(w, warning.CAPMedia, body)
}

func (s *Server) warningFeed(w http.ResponseWriter, r *http.Request) {
	if s.Warnings == nil {
		absent("the warnings").Write(w)
		return
	}
	c := CallerOf(r)
	list, err := s.Warnings.Published(r.Context(), c.sees)
	if err == nil {
		var body []byte
		if body, err = s.Warnings.Feed(list); err == nil {
			writeXML(w, "application/atom+xml", body)
			return
		}
	}
	s.unwarned(r.Context(), "write the feed of warnings", err).Write(w)
}

func writeXML(w http.ResponseWriter, media string, body []byte) {
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-cache")
	_, _ = w.Write(body) // the reader has gone when this fails
}

// unwarned turns the warnings' errors into problems.
func (s *Server) unwarned(ctx context.Context, doing string, err error) *problem.Problem {
	var field *warning.FieldError
	switch {
	case errors.As(err, &field):
		return problem.New(http.StatusUnprocessableEntity, "内容未通过校验 / the content was refused",
			ingest.Problem{Field: "/" + field.Field, Code: field.Code, Message: field.Message})
	case errors.Is(err, warning.ErrNotFound):
		return problem.New(http.StatusNotFound, "没有这条预警，或不在可见范围 / no such warning, or not for you to see")
	case errors.Is(err, warning.ErrConflict):
		return problem.New(http.StatusConflict, "已被他人修改，请刷新 / somebody else changed it in between: read it again",
			ingest.Problem{Field: "/version", Code: ingest.CodeConflict, Message: "版本已变 / the version has changed", Expected: "the newest version"})
	case errors.Is(err, warning.ErrRefused):
		return problem.New(http.StatusForbidden, "权限不及 / your rights do not reach this")
	}
	var p *problem.Problem
	if !errors.As(s.unflowed(ctx, doing, err), &p) { // it always is one
		return s.failed(ctx, doing, err)
	}
	return p
}
