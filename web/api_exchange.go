package web

import (
	"context"
	"errors"
	"io"
	"net/http"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/gov/incident/exchange"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

type partnerBody struct {
	ID           string            `json:"id,omitempty" maxLength:"40" doc:"标识：小写字母、数字、连字符 Small letters, digits, hyphens"`
	Name         string            `json:"name" maxLength:"100"`
	Kind         string            `json:"kind,omitempty" enum:"webhook,open311"`
	URL          string            `json:"url,omitempty" maxLength:"500" doc:"接收地址，或 GeoReport v2 根地址 Where webhooks go, or the base of GeoReport v2"`
	Region       string            `json:"region,omitempty" maxLength:"20" doc:"区域代码，含下级；缺省为本市 Code of a region, with all inside; empty: this city"`
	Classes      []string          `json:"classes,omitempty" maxItems:"100" doc:"案件类别前缀，空为全部 Beginnings of classes; empty: all"`
	Events       []string          `json:"events,omitempty" maxItems:"100" doc:"事件，空为全部 Events; empty: all"`
	Grade        int               `json:"grade,omitempty" minimum:"0" maximum:"3" doc:"可见最高数据分级 The highest data grade it may see"`
	Reports      bool              `json:"reports,omitempty" doc:"可上报案件 It may bring reports"`
	Jurisdiction string            `json:"jurisdiction,omitempty" maxLength:"100"`
	Services     map[string]string `json:"services,omitempty" doc:"类别代码到对方服务代码 Our classes to their service codes"`
	Key          string            `json:"key,omitempty" maxLength:"500" doc:"Open311 api_key；留空不变 empty: as it was"`
	On           bool              `json:"on"`
	Version      int64             `json:"version,omitempty"`
	Why          string            `json:"why,omitempty" maxLength:"500"`
}

// partner is the body as a partner; city is where it is when it says nothing.
func (b partnerBody) partner(city geo.Code) exchange.Partner {
	if b.Region == "" {
		b.Region = string(city)
	}
	return exchange.Partner{ID: b.ID, Name: b.Name, Kind: b.Kind, URL: b.URL, Region: b.Region, Classes: b.Classes, Events: b.Events, Grade: b.Grade,
		Reports: b.Reports, Jurisdiction: b.Jurisdiction, Services: b.Services, On: b.On, Version: b.Version}
}

// cityCode is the region that is the whole city.
func (s *Server) cityCode() geo.Code { return s.city.Snapshot().In(cim.Whole()).Profile().City }

// lends refuses a partner that is on and is sent more than the caller sees: who
// joins systems could read at an address of their own what is kept from them.
func lends(c Caller, p exchange.Partner) error {
	if p.On && p.URL != "" && p.Grade > 0 && !c.Scope.Sees(cim.LayerIncidents, geo.Code(p.Region), cim.Grade(p.Grade)) {
		return problem.New(http.StatusForbidden, "数据分级超出您本人可见范围 / the data grade is beyond what you see yourself",
			ingest.Problem{Field: "/grade", Code: ingest.CodeOutOfRange, Message: "分级过高 / the grade is too high", Expected: "a grade that you see in all of the region"})
	}
	return nil
}

// newPartner is a partner with its secret, which is told once.
type newPartner struct {
	exchange.Partner
	Secret string `json:"secret,omitempty" doc:"签名密钥，仅此一次 The secret, told once"`
}

// partnerChoice is a partner that a case may be handed to.
type partnerChoice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

func (s *Server) exchangeRoutes() {
	const tag, path = "exchange", "/api/v1/partners"
	type listAnswer = answered[listed[exchange.Partner]]
	get(s, access.PartnerEdit, path, "listPartners", tag, "对接系统 Other systems that are joined",
		func(ctx context.Context, _ *struct{}) (*listAnswer, error) {
			list, err := s.Exchange.Partners(ctx, actor(callerIn(ctx)))
			if err != nil {
				return nil, s.unexchanged(ctx, "list the partners", err)
			}
			return paged(list, 0, func(p exchange.Partner) string { return p.ID }), nil
		})
	type choiceQuery struct {
		Region string `query:"region" maxLength:"20" doc:"案件所在区域 The case's region"`
	}
	get(s, access.IncidentSend, path+"/choices", "listPartnerChoices", tag, "可移交的系统 Whom a case may be handed to",
		func(_ context.Context, q *choiceQuery) (*answered[listed[partnerChoice]], error) {
			out := []partnerChoice{}
			for _, p := range s.Exchange.Choices(q.Region) {
				out = append(out, partnerChoice{p.ID, p.Name, p.Kind})
			}
			return paged(out, 0, func(c partnerChoice) string { return c.ID }), nil
		})
	type add struct{ Body partnerBody }
	do(s, access.PartnerEdit, http.MethodPost, path, "addPartner", tag, "登记对接系统 Join another system",
		func(ctx context.Context, in *add) (*answered[newPartner], error) {
			x := in.Body.partner(s.cityCode())
			if err := lends(callerIn(ctx), x); err != nil {
				return nil, err
			}
			p, secret, err := s.Exchange.Add(ctx, actor(callerIn(ctx)), x, in.Body.Key, in.Body.Why)
			if err != nil {
				return nil, s.unexchanged(ctx, "join a system", err)
			}
			return &answered[newPartner]{newPartner{p, secret}}, nil
		})
	get(s, access.PartnerEdit, path+"/{id}", "getPartner", tag, "对接系统详情 One of them",
		func(ctx context.Context, in *idPath) (*answered[exchange.Partner], error) {
			p, err := s.Exchange.Partner(ctx, actor(callerIn(ctx)), in.ID)
			if err != nil {
				return nil, s.unexchanged(ctx, "find a partner", err)
			}
			return &answered[exchange.Partner]{p}, nil
		})
	type edit struct {
		ID   string `path:"id" maxLength:"40"`
		Body partnerBody
	}
	do(s, access.PartnerEdit, http.MethodPut, path+"/{id}", "editPartner", tag, "修改对接系统 Change it",
		func(ctx context.Context, in *edit) (*answered[exchange.Partner], error) {
			b := in.Body.partner(s.cityCode())
			b.ID = in.ID
			if err := lends(callerIn(ctx), b); err != nil {
				return nil, err
			}
			p, err := s.Exchange.Edit(ctx, actor(callerIn(ctx)), b, in.Body.Key, in.Body.Why)
			if err != nil {
				return nil, s.unexchanged(ctx, "change a partner", err)
			}
			return &answered[exchange.Partner]{p}, nil
		})
	type remove struct {
		ID      string `path:"id" maxLength:"40"`
		Version int64  `query:"version"`
		Why     string `query:"why" maxLength:"500"`
	}
	do(s, access.PartnerEdit, http.MethodDelete, path+"/{id}", "removePartner", tag, "撤销对接 Take it away, with what was sent to it",
		func(ctx context.Context, in *remove) (*struct{}, error) {
			if err := s.Exchange.Remove(ctx, actor(callerIn(ctx)), in.ID, in.Version, in.Why); err != nil {
				return nil, s.unexchanged(ctx, "take a partner away", err)
			}
			return &struct{}{}, nil
		})
	s.deliveryRoutes(tag, path)
	s.raw(operation{
		need: public, method: http.MethodPost, path: exchange.Path, id: "receivePartnerEvent", tag: tag,
		summary: "对接系统来报 What a partner says",
		description: "CloudEvents 1.0（结构化或二进制模式），按 Standard Webhooks 签名；见 docs/exchange.md。" +
			"CloudEvents 1.0 in structured or binary mode, signed after Standard Webhooks; see docs/exchange.md.",
		params:   []*huma.Param{{Name: "partner", In: "query", Required: true, Description: "对接系统标识 The partner's id", Schema: &huma.Schema{Type: huma.TypeString}}},
		bodyType: "application/cloudevents+json", body: exchange.Event{}, answer: exchange.Receipt{},
		errors: []int{400, 401, 413, 422, 503}, maxBody: exchange.MaxBody,
	}, s.receive)
}

// deliveryRoutes are a partner's secret and what was sent to it.
func (s *Server) deliveryRoutes(tag, path string) {
	type secretQuery struct {
		ID  string `path:"id" maxLength:"40"`
		Cut bool   `query:"cut" doc:"旧密钥立即失效 The old one ends at once"`
		Why string `query:"why" maxLength:"500"`
	}
	type secretAnswer struct {
		Body struct {
			Secret string `json:"secret" doc:"仅此一次 Told once"`
		}
	}
	do(s, access.PartnerEdit, http.MethodPost, path+"/{id}/secret", "newPartnerSecret", tag, "更换签名密钥 A new secret",
		func(ctx context.Context, in *secretQuery) (*secretAnswer, error) {
			a := &secretAnswer{}
			var err error
			if a.Body.Secret, err = s.Exchange.NewSecret(ctx, actor(callerIn(ctx)), in.ID, in.Cut, in.Why); err != nil {
				return nil, s.unexchanged(ctx, "make a secret", err)
			}
			return a, nil
		})
	type query struct {
		ID     string `path:"id" maxLength:"40"`
		State  string `query:"state" enum:"waiting,sent,dead,"`
		Object string `query:"object" maxLength:"128" doc:"案件 The case"`
		After  string `query:"after" maxLength:"64"`
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	get(s, access.PartnerEdit, path+"/{id}/deliveries", "listDeliveries", tag, "投递记录 What was sent to a partner, the newest first",
		func(ctx context.Context, q *query) (*answered[listed[exchange.Delivery]], error) {
			list, err := s.Exchange.Deliveries(ctx, actor(callerIn(ctx)), q.ID, exchange.DeliveryFilter{State: q.State, Object: q.Object, Before: q.After, Limit: q.Limit})
			if err != nil {
				return nil, s.unexchanged(ctx, "list deliveries", err)
			}
			return paged(list, q.Limit, func(d exchange.Delivery) string { return d.ID }), nil
		})
	type again struct {
		ID       string `path:"id" maxLength:"40"`
		Delivery string `path:"delivery" maxLength:"64"`
		Why      string `query:"why" maxLength:"500"`
	}
	do(s, access.PartnerEdit, http.MethodPost, path+"/{id}/deliveries/{delivery}/again", "sendAgain", tag, "重新投递 Send it again, under the same webhook-id",
		func(ctx context.Context, in *again) (*answered[exchange.Delivery], error) {
			d, err := s.Exchange.Again(ctx, actor(callerIn(ctx)), in.ID, in.Delivery, in.Why)
			if err != nil {
				return nil, s.unexchanged(ctx, "send it again", err)
			}
			return &answered[exchange.Delivery]{d}, nil
		})
	do(s, access.PartnerEdit, http.MethodPost, path+"/{id}/test", "testPartner", tag, "发送测试事件 Send a test event",
		func(ctx context.Context, in *idPath) (*answered[exchange.Delivery], error) {
			d, err := s.Exchange.Test(ctx, actor(callerIn(ctx)), in.ID)
			if err != nil {
				return nil, s.unexchanged(ctx, "send a test", err)
			}
			return &answered[exchange.Delivery]{d}, nil
		})
}

// receive takes what a partner sends. Who it is, is in its signature.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) {
	if s.Exchange == nil {
		absent("the exchange with partners").Write(w)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if p := refuse(err); p != nil {
			p.Write(w)
			return
		}
		problem.New(http.StatusBadRequest, "无法读取 / it cannot be read").Write(w)
		return
	}
	receipt, err := s.Exchange.Receive(r.Context(), r.URL.Query().Get("partner"), r.Header, body)
	if err != nil {
		s.unexchanged(r.Context(), "take what a partner sends", err).Write(w)
		return
	}
	writeJSON(w, http.StatusOK, receipt)
}

// unexchanged turns the exchange's errors into problems.
func (s *Server) unexchanged(ctx context.Context, doing string, err error) *problem.Problem {
	var field *exchange.FieldError
	switch {
	case errors.As(err, &field):
		return problem.New(http.StatusUnprocessableEntity, "内容未通过校验 / the content was refused",
			ingest.Problem{Field: "/" + field.Field, Code: field.Code, Message: field.Message})
	case errors.Is(err, exchange.ErrSignature):
		return problem.New(http.StatusUnauthorized, "签名无效 / "+err.Error())
	case errors.Is(err, exchange.ErrEvent):
		return problem.New(http.StatusUnprocessableEntity, "事件不能受理 / "+ingest.Shorten(err.Error()))
	case errors.Is(err, exchange.ErrNotFound):
		return problem.New(http.StatusNotFound, "没有，或不在可见范围 / no such thing, or not for you to see")
	case errors.Is(err, exchange.ErrConflict):
		return problem.New(http.StatusConflict, "已被他人修改，请刷新 / somebody else changed it in between: read it again",
			ingest.Problem{Field: "/version", Code: ingest.CodeConflict, Message: "版本已变 / the version has changed", Expected: "the newest version"})
	case errors.Is(err, exchange.ErrRefused):
		return problem.New(http.StatusForbidden, "权限不及 / your rights do not reach this")
	}
	return s.failed(ctx, doing, err)
}
