package web

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"strings"
	"time"

	"onecity/gov/identity/access"
	"onecity/gov/incident"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const apiDescription = `OneCity 一城：城市运行的实时接口。The live interface to a city's operations.

坐标一律为 CGCS2000 经度、纬度（度）；时间为带时区的 RFC 3339；错误为 RFC 9457 application/problem+json，逐项给出 errors。
Coordinates are CGCS2000 longitude, latitude in degrees; times are RFC 3339 with zone; errors are RFC 9457 problems with a list of fields.`

// The groups of operations in the document.
var tags = []*huma.Tag{
	{Name: "city", Description: "城市与区域 The city and its regions"},
	{Name: "things", Description: "部件、设备、力量、案件、网格 Objects, devices, units, incidents, cells"},
	{Name: "ingest", Description: "数据接入 Ways in"},
	{Name: "incidents", Description: "案件办理 Handling incidents"},
	{Name: "evaluation", Description: "综合评价 What came of the cases, and how districts stand"},
	{Name: "alarms", Description: "告警规则与视频事件 Alarm rules and what cameras saw"},
	{Name: "cases", Description: "案件办理闭环 The closed loop of a case"},
	{Name: "feeds", Description: "部门数据与死信 Departments' feeds and dead letters"},
	{Name: "display", Description: "图表、瓦片、实时通道 Widgets, tiles, the live socket"},
	{Name: "identity", Description: "机构、人员、授权、登录 Organisations, people, rights, sign-in"},
	{Name: "flow", Description: "待办与流程 What waits, and the machines"},
	{Name: "exchange", Description: "系统对接 Other systems that are joined"},
	{Name: "warnings", Description: "预警发布 Emergency warnings"},
	{Name: "audit", Description: "审计日志 The audit log"},
	{Name: "server", Description: "服务器自身 The server itself"},
}

func newAPI(mux *router) huma.API {
	c := huma.DefaultConfig("OneCity 一城", "1.0.0")
	c.Info.Description = apiDescription
	c.Tags = tags
	// huma's own pages load from the internet and its document is made while
	// being served: ours are in api_document.go.
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil // no $schema member in answers
	c.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaNames())
	return humago.New(mux, c)
}

// schemaNames names the types in the document: one whose name another has
// taken has that of its package in front.
func schemaNames() func(reflect.Type, string) string {
	taken := map[string]reflect.Type{}
	return func(t reflect.Type, hint string) string {
		name := huma.DefaultSchemaNamer(t, hint)
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		in := path.Base(t.PkgPath())
		switch {
		case t == reflect.TypeFor[ingest.Problem]():
			name = "FieldProblem" // beside problem.Problem, the whole
		case t.PkgPath() == reflect.TypeFor[incident.Case]().PkgPath() && !strings.HasPrefix(t.Name(), "Case"):
			name = "Case" + name // an entry, a class and a page are others' too
		case t.Name() != "" && taken[name] != nil && taken[name] != t:
			name = strings.ToUpper(in[:1]) + in[1:] + name
		}
		if t.Name() != "" {
			taken[name] = t
		}
		return name
	}
}

// routes declares everything that is served.
func (s *Server) routes() {
	s.cityRoutes()
	s.thingRoutes()
	s.historyRoutes()
	s.observationRoutes()
	s.registerRoutes()
	s.eventRoutes()
	s.caseRoutes()
	s.deadLetterRoutes()
	s.feedRoutes()
	s.widgetRoutes()
	s.roadRoutes()
	s.dispatchRoutes()
	s.partRoutes()
	s.signInRoutes()
	s.meRoutes()
	s.orgRoutes()
	s.sheetRoutes()
	s.personRoutes()
	s.bindingRoutes()
	s.appRoutes()
	s.tokenRoutes()
	s.taskRoutes()
	s.dutyRoutes()
	s.uploadRoutes()
	s.handoverRoutes()
	s.evaluationRoutes()
	s.alarmRoutes()
	s.formRoutes()
	s.exchangeRoutes()
	s.warningRoutes()
	s.auditRoutes()
	s.healthRoutes()
	s.pageRoutes()
}

// get declares an operation that answers JSON, made of the request's scope.
func get[I, O any](s *Server, need access.Action, path, id, tag, summary string, fn func(context.Context, *I) (*O, error)) {
	huma.Register(s.api, huma.Operation{
		Method: http.MethodGet, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary,
		Middlewares: huma.Middlewares{s.there(tag), s.allowed(need), withRequest},
	}, fn)
}

type httpRequestKey struct{}

// withRequest lets an operation find the request it answers: its scope
// depends on who sent it.
func withRequest(ctx huma.Context, next func(huma.Context)) {
	r, _ := humago.Unwrap(ctx)
	next(huma.WithValue(ctx, httpRequestKey{}, r))
}

func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(httpRequestKey{}).(*http.Request)
	return r
}

// allowed is needs for huma's operations.
func (s *Server) allowed(a access.Action) func(huma.Context, func(huma.Context)) {
	if a == "" {
		panic("an operation does not say what it needs")
	}
	return func(ctx huma.Context, next func(huma.Context)) {
		if c := callerIn(ctx.Context()); a != public && !c.may(a) {
			_, w := humago.Unwrap(ctx)
			denied(c, a).Write(refusing(w, c))
			return
		}
		next(ctx)
	}
}

// there answers 503 where what the operations of a tag speak for is not there.
func (s *Server) there(tag string) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		what := ""
		switch {
		case tag == "identity" && s.Identity == nil:
			what = "the directory"
		case tag == "audit" && s.Audit == nil:
			what = "the audit log"
		case tag == "cases" && s.Cases == nil:
			what = "the cases"
		case tag == "flow" && s.Flow == nil:
			what = "the workflow"
		case tag == "exchange" && s.Exchange == nil:
			what = "the exchange with partners"
		case tag == "warnings" && (s.Warnings == nil || s.Flow == nil):
			what = "the warnings"
		case tag == "evaluation" && s.Evaluation == nil:
			what = "the evaluation"
		case tag == "alarms" && (s.Alarms == nil || s.Cameras == nil):
			what = "the alarm rules"
		}
		if what != "" {
			_, w := humago.Unwrap(ctx)
			absent(what).Write(w)
			return
		}
		next(ctx)
	}
}

// operation documents a route that is not huma's.
type operation struct {
	// need is what the caller must be allowed to do somewhere.
	need                           access.Action
	method, path, id, tag, summary string
	description                    string
	// body and answer are values whose types are documented; nil means none.
	body, answer any
	// bodyType and answerType are media types; "" means application/json.
	bodyType, answerType string
	params               []*huma.Param
	status               int // of success; 0 means 200
	errors               []int
	maxBody              int64         // bytes; 0 means no body is read
	bodyTime             time.Duration // to read it; 0 means 30 s
}

// raw mounts h and documents it.
func (s *Server) raw(o operation, h http.HandlerFunc) {
	s.document(o)
	h = s.needs(o.need, h)
	limit, within := o.maxBody, o.bodyTime
	if within == 0 {
		within = 30 * time.Second
	}
	s.mux.HandleFunc(o.method+" "+o.path, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > limit && r.ContentLength > 0 {
			tooLarge(limit).Write(w)
			return
		}
		if r.Body != http.NoBody && r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			// Not all writers have deadlines (tests' recorders); a server's has.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(within))
		}
		h(w, r)
	})
}

func (s *Server) document(o operation) {
	doc := s.api.OpenAPI()
	status := o.status
	if status == 0 {
		status = http.StatusOK
	}
	op := &huma.Operation{
		Method: o.method, Path: o.path, OperationID: o.id, Tags: []string{o.tag},
		Summary: o.summary, Description: o.description, Parameters: o.params,
		Responses: map[string]*huma.Response{fmt.Sprint(status): s.response(http.StatusText(status), o.answerType, o.answer, o.id+"Answer")},
	}
	for _, code := range o.errors {
		op.Responses[fmt.Sprint(code)] = s.response(problem.Title(code), problem.ContentType, problem.Problem{}, "Problem")
	}
	op.Responses["default"] = s.response("问题说明 a problem", problem.ContentType, problem.Problem{}, "Problem")
	if o.body != nil || o.bodyType != "" {
		op.RequestBody = &huma.RequestBody{Required: true, Content: s.content(o.bodyType, o.body, o.id+"Body")}
	}
	doc.AddOperation(op)
}

func (s *Server) response(description, mediaType string, v any, hint string) *huma.Response {
	r := &huma.Response{Description: description}
	if v != nil || mediaType != "" {
		r.Content = s.content(mediaType, v, hint)
	}
	return r
}

func (s *Server) content(mediaType string, v any, hint string) map[string]*huma.MediaType {
	if mediaType == "" {
		mediaType = "application/json"
	}
	m := &huma.MediaType{}
	switch v := v.(type) {
	case nil:
		m.Schema = &huma.Schema{Type: huma.TypeString, Format: "binary"}
	case *huma.Schema:
		m.Schema = v
	default:
		m.Schema = s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(v), true, hint)
	}
	return map[string]*huma.MediaType{mediaType: m}
}

// pathParam and queryParam document a parameter of a raw route.
func pathParam(name, doc string) *huma.Param {
	return &huma.Param{Name: name, In: "path", Required: true, Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
}

func queryParam(name, typ, doc string) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: typ}}
}
