package tiles

import "onecity/internal/palette"

// tokens are the colours of the map by what they are for; text, accent and
// ground are the palette's, so that map and page are one picture.
type tokens struct {
	palette.Palette
	dark bool

	land, water, shore string

	// Roads, by importance
	motorway, trunk, primary, secondary, street, path, casing, rail string

	// building is by height: 0, 30, 80 and 160 m
	building        [4]string
	buildingOpacity float64

	// Regions: the bright line of a border, its halo, and the soft line of
	// villages and grids
	border, glow, borderSoft string
}

// night is a city from above after dark: ink ground, darker water, roads that
// glimmer by importance, towers that catch light.
var night = tokens{
	Palette: palette.Dark, dark: true,
	land: "#0e161f", water: "#081b28", shore: "#1c4a5e",
	motorway: "#8f7148", trunk: "#6f5f49", primary: "#465665", secondary: "#32414e",
	street: "#22303b", path: "#1a252e", casing: "#0a1016", rail: "#3a4650",
	building: [4]string{"#18242f", "#21384a", "#2e6677", "#7fdcd6"}, buildingOpacity: 0.9,
	border: "#56c7c0", glow: "#1f8f96", borderSoft: "#35606b",
}

// day has dark text and strong edges, and no glow.
var day = tokens{
	Palette: palette.Light,
	land:    "#f2f5f7", water: "#bcdcec", shore: "#6aa7c4",
	motorway: "#eda94a", trunk: "#f2c67a", primary: "#f6dfa6", secondary: "#ffffff",
	street: "#ffffff", path: "#e3e8ec", casing: "#c3ced6", rail: "#8d9aa4",
	building: [4]string{"#dde4ea", "#ccd8e1", "#aec6d2", "#7fb3bd"}, buildingOpacity: 0.92,
	border: "#0b7f7a", glow: "#8fc1c4", borderSoft: "#5f97a0",
}

func tokensOf(theme string) tokens {
	if theme == "light" {
		return day
	}
	return night
}
