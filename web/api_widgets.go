package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/web/problem"
	"onecity/widgets"

	"github.com/danielgtaylor/huma/v2"
)

// drawer draws widgets for the hub.
type drawer struct{ s *Server }

func (drawer) Known(name string) bool {
	_, ok := widgets.Find(name)
	return ok
}

func (d drawer) Draw(ctx context.Context, name, lang string, scope cim.Scope) ([]byte, error) {
	spec, ok := widgets.Find(name)
	if !ok {
		return nil, fmt.Errorf("draw %q: no such widget", name)
	}
	w, err := spec.Render(ctx, d.s.city.Snapshot().In(scope), d.s.WidgetHistory, widgets.Options{Lang: lang})
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("write widget %s: %w", name, err)
	}
	return body, nil
}

func (s *Server) widgetRoutes() {
	type query struct {
		Lang string `query:"lang" enum:"zh,en" default:"zh" doc:"语言 Language of titles"`
	}
	type widgetsAnswer struct {
		Body struct {
			Widgets []widgets.Entry `json:"widgets"`
		}
	}
	get(s, access.CityView, "/api/v1/widgets", "listWidgets", "display", "图表目录 The catalogue of KPIs and charts",
		func(_ context.Context, q *query) (*widgetsAnswer, error) {
			a := &widgetsAnswer{}
			a.Body.Widgets = widgets.Catalogue(q.Lang)
			return a, nil
		})
	s.raw(operation{
		need: access.CityView, method: http.MethodGet, path: "/api/v1/widgets/{name}", id: "getWidget", tag: "display",
		summary: "一个图表 One KPI or chart, drawn now",
		params: []*huma.Param{pathParam("name", "名称 Name in the catalogue"),
			queryParam("region", huma.TypeString, "仅此区域 Within this region only"),
			queryParam("lang", huma.TypeString, "zh 或 en")},
		answer: widgets.Widget{}, errors: []int{403, 404, 422, 503},
	}, s.widget)
}

func (s *Server) widget(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	lang := q.Get("lang")
	switch lang {
	case "":
		lang = "zh"
	case "zh", "en":
	default:
		badQuery("lang", lang, "zh, en").Write(w)
		return
	}
	city, p := s.reader(r, q.Get("region"))
	if p != nil {
		p.Write(w)
		return
	}
	name := r.PathValue("name")
	if _, ok := widgets.Find(name); !ok {
		notFound("图表", name).Write(w)
		return
	}
	body, err := drawer{s}.Draw(r.Context(), name, lang, city.Scope())
	if err != nil {
		s.failed(r.Context(), "draw a widget", err).Write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // the reader has gone when this fails
}

// absent is the answer of a part that this server was started without.
func absent(part string) *problem.Problem {
	return problem.New(http.StatusServiceUnavailable, "本服务器未启用 / this server was started without "+part)
}
