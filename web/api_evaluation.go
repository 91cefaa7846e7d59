package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/gov/incident/evaluation"
	"onecity/ingest"
	"onecity/internal/calendar"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

type evaluationQuery struct {
	By     string `query:"by" enum:"region,org,unit,person,class,post" default:"region" doc:"评价对象 What there is a row for each of"`
	Region string `query:"region" maxLength:"15" doc:"仅此区域 Within this region only"`
	From   string `query:"from" maxLength:"40" doc:"首日，日期或时间，缺省为本月首日 First day: a date or a time; the month's first by default"`
	To     string `query:"to" maxLength:"40" doc:"末日（含），缺省为今日 Last day, included; today by default"`
}

type evaluatedBody struct {
	evaluation.Indicator
	Why string `json:"why,omitempty" maxLength:"400" doc:"修改理由 The reason"`
}

func (s *Server) evaluationRoutes() {
	get(s, access.IncidentCount, "/api/v1/evaluation", "evaluate", "evaluation", "综合评价 Counts and indicators of a period",
		func(ctx context.Context, q *evaluationQuery) (*answered[evaluation.Table], error) {
			t, err := s.evaluate(ctx, q)
			if err != nil {
				return nil, err
			}
			return &answered[evaluation.Table]{t}, nil
		})
	s.raw(operation{
		need: access.IncidentCount, method: http.MethodGet, path: "/api/v1/evaluation.xlsx", id: "evaluateSheet", tag: "evaluation",
		summary: "综合评价表 The same as a workbook", answerType: xlsxType, errors: []int{401, 403, 404, 422, 503},
		params: []*huma.Param{
			queryParam("by", huma.TypeString, "region, org, unit, person, class, post"),
			queryParam("region", huma.TypeString, "仅此区域 Within this region only"),
			queryParam("from", huma.TypeString, "首日 First day"), queryParam("to", huma.TypeString, "末日（含） Last day, included"),
		},
	}, s.evaluationSheet)
	get(s, access.IncidentCount, "/api/v1/indicators", "listIndicators", "evaluation", "评价指标，含历史与未来版本 Indicators with all their versions, and what formulas may use",
		func(ctx context.Context, _ *struct{}) (*answered[indicators], error) {
			list, err := s.Evaluation.Versions(ctx)
			if err != nil {
				return nil, s.failed(ctx, "list the indicators", err)
			}
			return &answered[indicators]{indicators{list, evaluation.Measures(), s.mayDefine(callerIn(ctx))}}, nil
		})
	type put struct{ Body evaluatedBody }
	do(s, access.IncidentCount, http.MethodPut, "/api/v1/indicators", "putIndicator", "evaluation", "修改指标，自某日起 Change an indicator from a day on",
		func(ctx context.Context, in *put) (*answered[evaluation.Indicator], error) {
			c := callerIn(ctx)
			if !s.mayDefine(c) {
				return nil, problem.New(http.StatusForbidden, "只有全市评价权限才能修改指标 / only who evaluates the whole city may change an indicator")
			}
			i, err := s.Evaluation.Put(ctx, actor(c), in.Body.Indicator, in.Body.Why)
			if err != nil {
				return nil, s.unevaluated(ctx, "change an indicator", err)
			}
			return &answered[evaluation.Indicator]{i}, nil
		})
	type district struct {
		Code string `path:"code" maxLength:"15" doc:"区域代码 Code of the region"`
	}
	get(s, access.IncidentCount, "/api/v1/districts/{code}/panel", "districtPanel", "evaluation", "区镇面板 How a district stands now",
		func(ctx context.Context, q *district) (*answered[evaluation.Panel], error) {
			c := callerIn(ctx)
			p, err := s.Evaluation.Panel(ctx, counted(c), caseScope(c), q.Code)
			if err != nil {
				return nil, s.unevaluated(ctx, "make a district's panel", err)
			}
			return &answered[evaluation.Panel]{p}, nil
		})
	type brief struct {
		Code string `path:"code" maxLength:"15" doc:"区域代码 Code of the region"`
		Date string `query:"date" maxLength:"10" doc:"日期，缺省为今日 The day; today by default"`
	}
	get(s, access.IncidentCount, "/api/v1/districts/{code}/brief", "districtBrief", "evaluation", "日报 The daily brief of a district",
		func(ctx context.Context, q *brief) (*answered[evaluation.Brief], error) {
			day, p := dayOf("date", q.Date, calendar.DateOf(time.Now()))
			if p != nil {
				return nil, p
			}
			c := callerIn(ctx)
			b, err := s.Evaluation.Brief(ctx, counted(c), caseScope(c), q.Code, day)
			if err != nil {
				return nil, s.unevaluated(ctx, "make a daily brief", err)
			}
			return &answered[evaluation.Brief]{b}, nil
		})
}

type indicators struct {
	Indicators []evaluation.Indicator   `json:"indicators"`
	Measures   []evaluation.MeasureInfo `json:"measures"`
	MayChange  bool                     `json:"mayChange" doc:"调用者可修改 Whether the caller may change them"`
}

// evaluate answers with a problem where the query is none.
func (s *Server) evaluate(ctx context.Context, q *evaluationQuery) (evaluation.Table, error) {
	if s.Evaluation == nil {
		return evaluation.Table{}, absent("the evaluation")
	}
	today := calendar.DateOf(time.Now())
	first := today
	first.Day = 1
	from, p := dayOf("from", q.From, first)
	if p != nil {
		return evaluation.Table{}, p
	}
	to, p := dayOf("to", q.To, today)
	if p != nil {
		return evaluation.Table{}, p
	}
	t, err := s.Evaluation.Table(ctx, evaluation.Query{By: evaluation.By(q.By), Region: q.Region, From: from, To: to, Within: counted(callerIn(ctx))})
	if err != nil {
		return evaluation.Table{}, s.unevaluated(ctx, "evaluate", err)
	}
	return t, nil
}

func (s *Server) evaluationSheet(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	q := evaluationQuery{By: v.Get("by"), Region: v.Get("region"), From: v.Get("from"), To: v.Get("to")}
	switch q.By {
	case "":
		q.By = "region"
	case "region", "org", "unit", "person", "class", "post":
	default:
		badQuery("by", q.By, "region, org, unit, person, class, post").Write(w)
		return
	}
	t, err := s.evaluate(r.Context(), &q)
	if err != nil {
		s.failed(r.Context(), "evaluate", err).Write(w)
		return
	}
	var b bytes.Buffer
	if err := t.WriteXLSX(&b); err != nil {
		s.failed(r.Context(), "write an evaluation", err).Write(w)
		return
	}
	sendWorkbook(w, "综合评价-"+t.RegionName+"-"+t.From.String()+"-"+t.To.String()+".xlsx", b.Bytes())
}

// dayOf reads a day: a date, or the day of a time in the city's zone.
func dayOf(name, text string, otherwise calendar.Date) (calendar.Date, *problem.Problem) {
	if text == "" {
		return otherwise, nil
	}
	if d, err := calendar.ParseDate(text); err == nil {
		return d, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return calendar.DateOf(t), nil
	}
	return calendar.Date{}, badQuery(name, text, "2026-11-24")
}

// counted is where the caller may evaluate.
func counted(c Caller) (w evaluation.Within) {
	for _, n := range c.Rights.Nodes(access.IncidentCount) {
		if n.Axis == access.ByRegion {
			w.Regions = append(w.Regions, n.Code)
		} else {
			w.Orgs = append(w.Orgs, n.Code)
		}
	}
	return w
}

// mayDefine reports whether the caller may change what is evaluated, for all:
// who evaluates the whole city may.
func (s *Server) mayDefine(c Caller) bool {
	var city geo.Code
	if roots := s.city.Snapshot().In(cim.Whole()).Regions().Roots(); len(roots) == 1 {
		city = roots[0].Code
	}
	return c.Rights.Can(access.IncidentCount, access.Object{Region: string(city), NoOrg: true})
}

func (s *Server) unevaluated(ctx context.Context, doing string, err error) error {
	switch {
	case errors.Is(err, evaluation.ErrOutside):
		return problem.New(http.StatusNotFound, err.Error())
	case errors.Is(err, evaluation.ErrRange):
		return problem.New(http.StatusUnprocessableEntity, err.Error())
	case errors.Is(err, evaluation.ErrFormula):
		return problem.New(http.StatusUnprocessableEntity, "公式未通过校验 / the formula was refused",
			ingest.Problem{Field: "/formula", Code: "formula", Message: err.Error()})
	}
	return s.failed(ctx, doing, err)
}
