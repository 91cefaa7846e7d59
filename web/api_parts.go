package web

import (
	"net/http"
	"strconv"
	"strings"

	"onecity/gov/identity/access"
	"onecity/gov/identity/provider"
	"onecity/web/problem"
	"onecity/web/upload"

	"github.com/danielgtaylor/huma/v2"
)

// partRoutes mounts the parts that speak HTTP themselves.
func (s *Server) partRoutes() {
	zxy := []*huma.Param{pathParam("layers", "图层，多个以逗号分隔 One layer or several with commas"),
		pathParam("z", "zoom"), pathParam("x", "column"), pathParam("y", "row, with .mvt")}
	tiles := s.tiles.ServeHTTP
	s.raw(operation{need: access.CityView, method: http.MethodGet, path: "/tiles/{layers}/{z}/{x}/{y}", id: "getTile", tag: "display",
		summary: "矢量瓦片 A vector tile, MVT 2.1", params: zxy, answerType: "application/vnd.mapbox-vector-tile",
		errors: []int{400, 404}}, tiles)
	s.raw(operation{need: access.CityView, method: http.MethodGet, path: "/tiles/{layers}", id: "getTileJSON", tag: "display",
		summary: "瓦片说明 TileJSON 3.0 of layers (with .json)", params: zxy[:1],
		answer: &huma.Schema{Type: huma.TypeObject}, errors: []int{404}}, tiles)
	s.raw(operation{need: access.CityView, method: http.MethodGet, path: "/style.json", id: "getStyle", tag: "display",
		summary: "地图样式 A MapLibre style", answer: &huma.Schema{Type: huma.TypeObject},
		params: []*huma.Param{queryParam("theme", huma.TypeString, "dark 或 light"), queryParam("lang", huma.TypeString, "zh 或 en")}}, tiles)

	s.raw(operation{need: access.CityView, method: http.MethodGet, path: "/media/{name}", id: "getMedia", tag: "incidents",
		summary: "照片 A photo of an incident", params: []*huma.Param{pathParam("name", "名称 Name")},
		answerType: "image/*", errors: []int{404}}, s.media)

	s.raw(operation{need: access.CityView, method: http.MethodGet, path: "/ws", id: "live", tag: "display",
		summary:     "实时通道 The live socket (WebSocket)",
		description: "报文见 docs/protocol.md：以 sub 打开视图。Messages: docs/protocol.md; a sub message opens a view.",
		status:      http.StatusSwitchingProtocols, errors: []int{400, 403, 503}}, s.liveRead)
	s.raw(operation{need: access.UnitMove, method: http.MethodGet, path: "/ws/units/{id}", id: "unitSocket", tag: "ingest",
		summary: "力量上报位置的通道 A unit's own position socket (WebSocket)", params: []*huma.Param{pathParam("id", "力量编号 Id of the unit")},
		status: http.StatusSwitchingProtocols, errors: []int{400, 403, 404, 503}}, s.unitSocket)

	s.open311Routes()
	if s.Identity != nil && s.Identity.Apps != nil {
		// The protocol's own document describes it: /oidc/.well-known/openid-configuration.
		s.mux.ServeMux.Handle(provider.Mount, s.Identity.Apps)
	}
}

// open311Routes documents and mounts GeoReport v2.
func (s *Server) open311Routes() {
	h := s.open311.ServeHTTP
	const base = "/open311/v2/"
	any := &huma.Schema{}
	list := func(path, id, summary string, params ...*huma.Param) {
		s.raw(operation{need: access.CityView, method: http.MethodGet, path: base + path, id: id, tag: "incidents", summary: summary,
			description: "Open311 GeoReport v2; JSON 或 XML。", params: params, answer: any, errors: []int{400, 404}}, h)
	}
	list("discovery.json", "open311Discovery", "服务发现 Service discovery")
	list("discovery.xml", "open311DiscoveryXML", "服务发现 Service discovery, XML")
	list("services.json", "open311Services", "案件类别 Service list")
	list("services.xml", "open311ServicesXML", "案件类别 Service list, XML")
	list("services/{code}", "open311Service", "案件类别定义 Service definition (with .json or .xml)", pathParam("code", "service_code"))
	list("requests.json", "open311Requests", "案件查询 Service requests")
	list("requests.xml", "open311RequestsXML", "案件查询 Service requests, XML")
	key := &huma.Param{Name: "report_key", In: "query", Description: "上报回执中的查询码，持有者无需登录 The key of the receipt: who has it need not sign in", Schema: &huma.Schema{Type: huma.TypeString}}
	s.raw(operation{need: public, method: http.MethodGet, path: base + "requests/{id}", id: "open311Request", tag: "incidents",
		summary: "一个案件 One service request (with .json or .xml)", description: "Open311 GeoReport v2; JSON 或 XML。",
		params: []*huma.Param{pathParam("id", "service_request_id"), key}, answer: any, errors: []int{400, 401, 403, 404}}, s.ownRequest)
	s.raw(operation{need: public, method: http.MethodPost, path: base + "requests/{id}/rating", id: "open311Rate", tag: "incidents",
		summary: "上报人评价 The reporter's rating", description: "表单 report_key、stars（1–5）、text。An extension of GeoReport v2: a form with report_key, stars (1–5), text.",
		params: []*huma.Param{pathParam("id", "service_request_id")}, bodyType: "application/x-www-form-urlencoded", answer: any,
		errors: []int{400, 404, 409, 503}, maxBody: 64 << 10}, h)
	for _, format := range []string{"json", "xml"} {
		s.raw(operation{need: access.IncidentReport, method: http.MethodPost, path: base + "requests." + format, id: "open311Post" + strings.ToUpper(format), tag: "incidents",
			summary: "上报案件，可附照片 Report an incident, with photos", bodyType: "multipart/form-data", answer: any,
			errors: []int{400, 413, 503, 507}, maxBody: maxReport}, h)
	}
}

// maxReport bounds a report with its photos.
const maxReport = 80 << 20

func (s *Server) media(w http.ResponseWriter, r *http.Request) {
	if !s.seesPhoto(r, r.PathValue("name")) {
		notFound("照片", r.PathValue("name")).Write(w)
		return
	}
	body, contentType, err := s.Broker.Media(r.Context(), r.PathValue("name"))
	if err != nil {
		s.failed(r.Context(), "read a photo", err).Write(w)
		return
	}
	if !strings.HasPrefix(contentType, "image/") || strings.Contains(contentType, "svg") {
		problem.New(http.StatusNotFound, "不是照片 / not a photo").Write(w)
		return
	}
	// Where and when it was taken is evidence, and not for everybody who sees it.
	body = upload.Public(contentType, body)
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	// A photo's name is given once; what it names does not change.
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	_, _ = w.Write(body) // the reader has gone when this fails
}
