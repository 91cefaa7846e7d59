package tiles

// The fonts that text is drawn with, those of the machine the map is on: the
// first that it has. MapLibre reads the weight out of the first name.
var (
	fonts     = []string{"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"}
	boldFonts = []string{"Noto Sans CJK SC Bold", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"}
)

// names are the layers of text, from the least important to the most: when two
// collide, MapLibre keeps the later layer's.
func names(t tokens, lang string) []StyleLayer {
	text := expr{"coalesce", get("name"), get("nameEn"), ""}
	if lang == "en" {
		text = expr{"coalesce", get("nameEn"), get("name"), ""}
	}
	label := func(id, layer string, minZoom float64, filter any, layout, paint map[string]any) StyleLayer {
		all := map[string]any{"text-field": text, "text-font": fonts, "text-max-width": 8, "text-padding": 6}
		for k, v := range layout {
			all[k] = v
		}
		ink := map[string]any{"text-color": t.Ink2, "text-halo-color": t.Ground, "text-halo-width": 1.4, "text-halo-blur": 0.4}
		for k, v := range paint {
			ink[k] = v
		}
		return StyleLayer{ID: id, Type: "symbol", Source: baseSource, SourceLayer: layer, MinZoom: minZoom, Filter: filter, Layout: all, Paint: ink}
	}
	region := func(level int) expr {
		return expr{"all", expr{"==", get("level"), level}, geometry("Point")}
	}
	upTo := func(l StyleLayer, zoom float64) StyleLayer {
		l.MaxZoom = zoom
		return l
	}
	return []StyleLayer{
		label(liveBelow, "roads", 13, expr{"all", geometry("LineString"), expr{"has", "name"}},
			map[string]any{"symbol-placement": "line", "text-size": byZoom(1, 13, 10, 17, 14), "symbol-spacing": 400},
			map[string]any{"text-color": t.Ink3}),
		label("water-name", "water", 11, geometry("Point"),
			map[string]any{"text-size": byZoom(1, 12, 10, 16, 14)},
			map[string]any{"text-color": t.shore}),
		label("place-name", "places", 11, geometry("Point"),
			map[string]any{"text-size": byZoom(1, 11, 10, 16, 14)},
			map[string]any{"text-color": t.Ink3}),
		label("grid-name", "regions", 15, region(4),
			map[string]any{"text-size": 11}, map[string]any{"text-color": t.Ink3}),
		label("village-name", "regions", 12, region(3),
			map[string]any{"text-size": byZoom(1, 12, 10, 16, 14)}, nil),
		upTo(label("district-name", "regions", 8, region(2),
			map[string]any{"text-size": byZoom(1, 8, 11, 13, 18), "text-font": boldFonts, "text-letter-spacing": 0.08},
			map[string]any{"text-color": t.Ink1}), 15),
		upTo(label("city-name", "regions", 4, region(1),
			map[string]any{"text-size": byZoom(1, 4, 12, 9, 20), "text-font": boldFonts, "text-letter-spacing": 0.12},
			map[string]any{"text-color": t.Ink1}), 9),
	}
}
