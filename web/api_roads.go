package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

func (s *Server) roadRoutes() {
	s.raw(operation{
		need: access.CityView, method: http.MethodGet, path: "/api/v1/roads", id: "listRoads", tag: "things",
		summary:     "道路 GeoJSON Roads as GeoJSON",
		description: "FeatureCollection，逐条流式输出。属性：id, kind, name, nameEn, made。Streamed, one feature a line.",
		params: []*huma.Param{
			queryParam("region", huma.TypeString, "仅此区域 Within this region only"),
			queryParam("bbox", huma.TypeString, "west,south,east,north"),
			queryParam("limit", huma.TypeInteger, "至多条数，主干道在前 At most so many, main roads first"),
		},
		answer: &huma.Schema{Type: huma.TypeObject, Description: "GeoJSON FeatureCollection (RFC 7946)"}, answerType: "application/geo+json",
		errors: []int{403, 422},
	}, s.roads)
}

func (s *Server) roads(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	city, p := s.reader(r, q.Get("region"))
	if p != nil {
		p.Write(w)
		return
	}
	bound, limit := world, 0
	if text := q.Get("bbox"); text != "" {
		if bound, p = parseBBox(text); p != nil {
			p.Write(w)
			return
		}
	}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			badQuery("limit", text, "a whole number from 1").Write(w)
			return
		}
		limit = n
	}
	w.Header().Set("Content-Type", "application/geo+json")
	// The reader has gone when a write fails, and the walk ends.
	if _, err := w.Write([]byte(`{"type":"FeatureCollection","features":[`)); err != nil {
		return
	}
	between := "\n"
	city.Objects(cim.LayerRoads, bound, limit, func(o *cim.Object) bool {
		line, err := json.Marshal(roadFeature(o))
		if err != nil {
			s.log.Warn("a road cannot be written", "id", o.ID, "error", err)
			return true
		}
		_, err = w.Write(append([]byte(between), line...))
		between = ",\n"
		return err == nil
	})
	_, _ = w.Write([]byte("\n]}\n"))
}

func roadFeature(o *cim.Object) *geojson.Feature {
	f := geojson.NewFeature(o.Geometry)
	f.ID = o.ID
	f.Properties = geojson.Properties{"kind": o.Kind}
	for name, v := range map[string]string{"name": o.Name, "nameEn": o.NameEn, "region": string(o.Region)} {
		if v != "" {
			f.Properties[name] = v
		}
	}
	if o.Made {
		f.Properties["made"] = true
	}
	return f
}

// parseBBox reads west,south,east,north.
func parseBBox(text string) (orb.Bound, *problem.Problem) {
	parts := strings.Split(text, ",")
	var v [4]float64
	ok := len(parts) == 4
	for i := 0; ok && i < 4; i++ {
		n, err := strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		v[i], ok = n, err == nil && n >= -180 && n <= 180
	}
	if !ok || v[0] >= v[2] || v[1] >= v[3] {
		return orb.Bound{}, badQuery("bbox", text, "west,south,east,north in degrees, west < east, south < north")
	}
	return orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}, nil
}

func badQuery(name, value, expected string) *problem.Problem {
	return problem.New(http.StatusUnprocessableEntity, "参数有误 / a wrong parameter", ingest.Problem{
		Field: "query/" + name, Value: ingest.Shorten(value), Code: ingest.CodeMalformed,
		Message: name + " 无法读取 / cannot be read", Expected: expected})
}
