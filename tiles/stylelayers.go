package tiles

// expr is a MapLibre expression or any other JSON array.
type expr = []any

func get(k string) expr { return expr{"get", k} }

// byZoom interpolates between zoom, value pairs; base above 1 makes it grow
// faster the closer one is.
func byZoom(base float64, stops ...any) expr {
	return append(expr{"interpolate", expr{"exponential", base}, expr{"zoom"}}, stops...)
}

func kinds(names ...string) expr {
	list := make(expr, len(names))
	for i, n := range names {
		list[i] = n
	}
	return expr{"in", get("kind"), expr{"literal", list}}
}

func geometry(typ string) expr { return expr{"==", expr{"geometry-type"}, typ} }

// road is one class of roads and how it is drawn: width in pixels at zooms 8,
// 12, 16 and 20.
type road struct {
	id    string
	kinds []string
	from  float64
	width [4]float64
	color func(tokens) string
}

var roads = []road{
	{"path", []string{"footway", "path", "cycleway", "steps", "pedestrian", "track", "bridleway"}, 14, [4]float64{0, 0, 1, 4}, func(t tokens) string { return t.path }},
	{"street", []string{"residential", "unclassified", "living_street", "service", "road"}, 12.5, [4]float64{0, 0.4, 3.5, 26}, func(t tokens) string { return t.street }},
	{"secondary", []string{"secondary", "tertiary", "secondary_link", "tertiary_link"}, 10, [4]float64{0.3, 1, 6, 40}, func(t tokens) string { return t.secondary }},
	{"primary", []string{"primary", "primary_link"}, 8, [4]float64{0.5, 1.6, 8, 48}, func(t tokens) string { return t.primary }},
	{"trunk", []string{"trunk", "trunk_link"}, 6, [4]float64{0.6, 1.8, 9, 52}, func(t tokens) string { return t.trunk }},
	{"motorway", []string{"motorway", "motorway_link"}, 5, [4]float64{0.8, 2.2, 10, 56}, func(t tokens) string { return t.motorway }},
}

func styleLayers(t tokens, lang string) []StyleLayer {
	ls := ground(t)
	ls = append(ls, roadLayers(t)...)
	ls = append(ls, outlineLayers(t)...)
	ls = append(ls, buildings(t))
	return append(ls, names(t, lang)...)
}

func ground(t tokens) []StyleLayer {
	return []StyleLayer{
		{ID: "outside", Type: "background", Paint: map[string]any{"background-color": t.Ground}},
		{ID: "land", Type: "fill", Source: baseSource, SourceLayer: "regions",
			Filter: expr{"all", expr{"==", get("level"), 1}, geometry("Polygon")},
			Paint:  map[string]any{"fill-color": t.land, "fill-antialias": false}},
		{ID: "water", Type: "fill", Source: baseSource, SourceLayer: "water", Filter: geometry("Polygon"),
			Paint: map[string]any{"fill-color": t.water}},
		{ID: "shore", Type: "line", Source: baseSource, SourceLayer: "water", Filter: geometry("Polygon"), MinZoom: 10,
			Paint: map[string]any{"line-color": t.shore, "line-width": byZoom(1, 10, 0.3, 16, 1.2), "line-opacity": 0.6}},
		{ID: "stream", Type: "line", Source: baseSource, SourceLayer: "water", Filter: geometry("LineString"), MinZoom: 9,
			Layout: map[string]any{"line-cap": "round", "line-join": "round"},
			Paint:  map[string]any{"line-color": t.shore, "line-width": byZoom(1.4, 9, 0.4, 14, 1.4, 18, 6), "line-opacity": 0.7}},
	}
}

func roadLayers(t tokens) []StyleLayer {
	rail := StyleLayer{ID: "rail", Type: "line", Source: baseSource, SourceLayer: "roads", MinZoom: 10,
		Filter: expr{"==", get("class"), "Railway"},
		Paint:  map[string]any{"line-color": t.rail, "line-width": byZoom(1.2, 10, 0.6, 16, 2), "line-dasharray": []float64{4, 2}}}
	round := map[string]any{"line-cap": "round", "line-join": "round"}
	var casings, lines []StyleLayer
	for _, r := range roads {
		filter := expr{"all", geometry("LineString"), expr{"!=", get("class"), "Railway"}, kinds(r.kinds...)}
		w := r.width
		casings = append(casings, StyleLayer{ID: "road-" + r.id + "-casing", Type: "line", Source: baseSource, SourceLayer: "roads",
			MinZoom: max(r.from, 12), Filter: filter, Layout: round,
			Paint: map[string]any{"line-color": t.casing, "line-width": byZoom(1.5, 8, w[0]+0.4, 12, w[1]+0.8, 16, w[2]+1.6, 20, w[3]+4)}})
		paint := map[string]any{"line-color": r.color(t), "line-width": byZoom(1.5, 8, w[0], 12, w[1], 16, w[2], 20, w[3])}
		if t.dark {
			paint["line-opacity"] = byZoom(1, r.from, 0.35, r.from+3, 0.9)
		}
		lines = append(lines, StyleLayer{ID: "road-" + r.id, Type: "line", Source: baseSource, SourceLayer: "roads",
			MinZoom: r.from, Filter: filter, Layout: round, Paint: paint})
	}
	return append(append(casings, lines...), rail)
}

// outlineLayers draw a region's border as light: a wide blurred halo under a
// thin bright line.
func outlineLayers(t tokens) []StyleLayer {
	line := func(id string, level int, minZoom float64, paint map[string]any) StyleLayer {
		return StyleLayer{ID: id, Type: "line", Source: baseSource, SourceLayer: "regions", MinZoom: minZoom,
			Filter: expr{"all", expr{"==", get("level"), level}, geometry("LineString")},
			Layout: map[string]any{"line-join": "round"}, Paint: paint}
	}
	ls := []StyleLayer{
		line("grid-border", 4, 14, map[string]any{"line-color": t.borderSoft, "line-width": 0.6, "line-opacity": 0.35, "line-dasharray": []float64{2, 3}}),
		line("village-border", 3, 11, map[string]any{"line-color": t.borderSoft, "line-width": byZoom(1, 11, 0.5, 15, 1.2), "line-opacity": 0.45}),
	}
	glow := func(id string, level int, minZoom, width, opacity float64) StyleLayer {
		return line(id, level, minZoom, map[string]any{"line-color": t.glow, "line-opacity": opacity,
			"line-width": byZoom(1.2, 8, width, 14, width*2.2), "line-blur": byZoom(1.2, 8, width*0.7, 14, width*1.6)})
	}
	if t.dark {
		ls = append(ls, glow("district-glow", 2, 7, 5, 0.35), glow("city-glow", 1, 0, 12, 0.55))
	}
	return append(ls,
		line("district-border", 2, 7, map[string]any{"line-color": t.border, "line-width": byZoom(1, 7, 0.5, 14, 1.6), "line-opacity": 0.55}),
		line("city-border", 1, 0, map[string]any{"line-color": t.border, "line-width": byZoom(1, 7, 1.2, 14, 2.6), "line-opacity": 0.95}))
}

func buildings(t tokens) StyleLayer {
	b := t.building
	return StyleLayer{ID: "buildings", Type: "fill-extrusion", Source: baseSource, SourceLayer: "buildings", MinZoom: 13,
		Paint: map[string]any{
			"fill-extrusion-color":             expr{"interpolate", expr{"linear"}, height, 0, b[0], 30, b[1], 80, b[2], 160, b[3]},
			"fill-extrusion-height":            byZoom(1, 13, 0, 14, height),
			"fill-extrusion-base":              byZoom(1, 13, 0, 14, expr{"coalesce", get("base"), 0}),
			"fill-extrusion-opacity":           t.buildingOpacity,
			"fill-extrusion-vertical-gradient": true,
		}}
}

// height of a building that nobody has measured: two floors.
var height = expr{"coalesce", get("height"), 6}
