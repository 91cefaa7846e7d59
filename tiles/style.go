package tiles

import (
	"net/http"

	"onecity/cim"
)

// Style is a MapLibre style of the still part of the map: ground, water,
// roads, buildings, regions, names. It has no sprite, and no glyphs: MapLibre
// 6 draws all text with the fonts of the machine when a style leaves glyphs
// out. Live layers are put in by the page, below the layer that Metadata
// names.
type Style struct {
	Version  int               `json:"version"`
	Name     string            `json:"name"`
	Metadata map[string]string `json:"metadata"`
	Center   *[2]float64       `json:"center,omitempty"`
	Zoom     float64           `json:"zoom,omitempty"`
	Light    map[string]any    `json:"light,omitempty"`
	Sources  map[string]any    `json:"sources"`
	Layers   []StyleLayer      `json:"layers"`
}

// StyleLayer is one layer of a style.
type StyleLayer struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	Source      string         `json:"source,omitempty"`
	SourceLayer string         `json:"source-layer,omitempty"`
	MinZoom     float64        `json:"minzoom,omitempty"`
	MaxZoom     float64        `json:"maxzoom,omitempty"`
	Filter      any            `json:"filter,omitempty"`
	Layout      map[string]any `json:"layout,omitempty"`
	Paint       map[string]any `json:"paint,omitempty"`
}

// baseSource is the source of every layer of the style, baseLayers what its
// tiles hold.
const baseSource = "base"

var baseLayers = cim.LayersOf(cim.LayerRegions, cim.LayerWater, cim.LayerRoads, cim.LayerBuildings, cim.LayerPlaces)

// liveBelow is the layer under which a page puts its live layers: the first
// one of text.
const liveBelow = "road-name"

// MakeStyle is the style of a theme ("dark", "light") and a language ("zh",
// "en"); base is the origin of the tiles' addresses. r gives the city's name
// and centre and the attribution.
func MakeStyle(r cim.Reader, theme, lang, base string) Style {
	colours := tokensOf(theme)
	source := Describe(r, baseLayers, base)
	style := Style{
		Version:  8,
		Name:     source.Name,
		Metadata: map[string]string{"onecity:theme": "light", "onecity:lang": "zh", "onecity:live-below": liveBelow},
		Light:    map[string]any{"anchor": "viewport", "color": "#ffffff", "intensity": 0.25, "position": []float64{1.3, 200, 35}},
		Sources: map[string]any{baseSource: map[string]any{
			"type": "vector", "tiles": source.Tiles, "minzoom": source.MinZoom, "maxzoom": source.MaxZoom,
			"attribution": source.Attribution,
		}},
		Layers: styleLayers(colours, lang),
	}
	if colours.dark {
		style.Metadata["onecity:theme"] = "dark"
	}
	if lang == "en" {
		style.Metadata["onecity:lang"] = "en"
	}
	if source.Center != nil {
		style.Center, style.Zoom = &[2]float64{source.Center[0], source.Center[1]}, source.Center[2]
	}
	return style
}

func (s *Server) serveStyle(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	theme, lang := q.Get("theme"), q.Get("lang")
	switch {
	case theme != "" && theme != "dark" && theme != "light":
		badField(http.StatusBadRequest, "theme", theme, "out-of-range", "no theme "+theme, "dark or light").write(w)
		return
	case lang != "" && lang != "zh" && lang != "en":
		badField(http.StatusBadRequest, "lang", lang, "out-of-range", "no language "+lang, "zh or en").write(w)
		return
	}
	snapshot := s.City()
	if snapshot == nil {
		notReady(w)
		return
	}
	writeJSON(w, MakeStyle(snapshot.In(s.Scope(r)), theme, lang, origin(r)))
}
