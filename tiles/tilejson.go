package tiles

import (
	"encoding/json"
	"net/http"
	"strings"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// TileJSON is a TileJSON 3.0.0 document.
type TileJSON struct {
	TileJSON     string        `json:"tilejson"`
	Name         string        `json:"name"`
	Description  string        `json:"description,omitempty"`
	Attribution  string        `json:"attribution,omitempty"`
	Scheme       string        `json:"scheme"`
	Tiles        []string      `json:"tiles"`
	MinZoom      uint8         `json:"minzoom"`
	MaxZoom      uint8         `json:"maxzoom"`
	Bounds       *[4]float64   `json:"bounds,omitempty"`
	Center       *[3]float64   `json:"center,omitempty"`
	VectorLayers []VectorLayer `json:"vector_layers"`
}

// VectorLayer describes one layer of the tiles.
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description"`
	MinZoom     uint8             `json:"minzoom"`
	MaxZoom     uint8             `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

// sourceZoom is the deepest zoom a map asks for; it magnifies from there.
const sourceZoom = 16

var layerTitles = [cim.LayerCount]string{
	"行政区划 regions", "水系 water", "道路 roads", "建筑 buildings", "地名 places", "部件 components",
	"感知设备 devices", "力量 units", "案件 incidents", "网格单元 H3 cells",
}

// Describe is the TileJSON of a set of layers as r sees them. base is the
// origin that tile addresses start with, such as "https://city.example".
func Describe(r cim.Reader, layers cim.Layers, base string) TileJSON {
	doc := TileJSON{
		TileJSON: "3.0.0", Scheme: "xyz", MinZoom: sourceZoom, MaxZoom: sourceZoom,
		Name: r.Profile().Name, Attribution: strings.Join(r.Profile().Notices, " · "),
		VectorLayers: []VectorLayer{},
	}
	var names []string
	for i, spec := range Layers {
		l := cim.Layer(i)
		if !layers.Has(l) || !r.Scope().Layers.Has(l) {
			continue
		}
		fields := make(map[string]string, len(spec.Fields))
		for _, f := range spec.Fields {
			fields[f.Key] = f.Type
		}
		names = append(names, l.String())
		doc.MinZoom = min(doc.MinZoom, spec.MinZoom)
		doc.VectorLayers = append(doc.VectorLayers, VectorLayer{
			ID: l.String(), Description: layerTitles[l], MinZoom: spec.MinZoom, MaxZoom: sourceZoom, Fields: fields,
		})
	}
	doc.Tiles = []string{base + "/tiles/" + strings.Join(names, ",") + "/{z}/{x}/{y}.mvt"}
	if b := r.Regions().Bound(); !b.IsEmpty() && b != (orb.Bound{}) {
		doc.Bounds = &[4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
		c := b.Center()
		doc.Center = &[3]float64{c[0], c[1], 11}
	}
	return doc
}

func (s *Server) serveTileJSON(w http.ResponseWriter, r *http.Request, names string) {
	layers, bad := parseLayers(names)
	if bad != nil {
		bad.write(w)
		return
	}
	snapshot := s.City()
	if snapshot == nil {
		notReady(w)
		return
	}
	writeJSON(w, Describe(snapshot.In(s.Scope(r)), layers, origin(r)))
}

func writeJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		problem{Status: http.StatusInternalServerError, Detail: err.Error()}.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(body) // the reader has gone when this fails
}
