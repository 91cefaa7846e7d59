package tiles

// Tokens are the colours of the map and of the charts on it, by what they are
// for. Screens take theirs from here too, so that map, figures and page agree.
type Tokens struct {
	Dark bool

	// Ground
	Outside string // beyond the city
	Land    string
	Water   string
	Shore   string

	// Roads, by importance
	Motorway, Trunk, Primary, Secondary, Street, Path string
	Casing                                            string
	Rail                                              string

	// Buildings, by height: 0, 30, 80 and 160 m
	Building    [4]string
	BuildingTop float64 // opacity

	// Regions
	Border     string // the bright line of an outline
	Glow       string // its halo
	BorderSoft string // villages and grids

	// Text
	Text, TextSoft, TextFaint, Halo string

	// Meaning, for charts and live layers
	Accent, Good, Watch, Warn, Bad, Idle string
	// Series are the colours of a chart's series, in order.
	Series [8]string
}

var dark = Tokens{
	Dark:    true,
	Outside: "#050b16", Land: "#0a1626", Water: "#06203a", Shore: "#0f4f7d",
	Motorway: "#c98a3a", Trunk: "#8a6a45", Primary: "#4a6487", Secondary: "#34506f",
	Street: "#233a55", Path: "#1b2d44", Casing: "#060d18", Rail: "#3a4a63",
	Building: [4]string{"#13263f", "#1c3d63", "#2b6a9c", "#6fc3f0"}, BuildingTop: 0.88,
	Border: "#39d0ff", Glow: "#1478c8", BorderSoft: "#2b6f9e",
	Text: "#e6f3ff", TextSoft: "#9fc3e0", TextFaint: "#6688a6", Halo: "#050b16",
	Accent: "#39d0ff", Good: "#35d49a", Watch: "#ffd24d", Warn: "#ff9a3d", Bad: "#ff4d5e", Idle: "#5d7a96",
	Series: [8]string{"#39d0ff", "#35d49a", "#ffd24d", "#ff7a59", "#a98bff", "#4d8dff", "#ff6fa8", "#8ce0c8"},
}

// light is for a telephone in the sun: dark text, strong edges, no glow.
var light = Tokens{
	Outside: "#e9edf2", Land: "#f7f8fa", Water: "#a9d2ee", Shore: "#5fa4d0",
	Motorway: "#f0a43c", Trunk: "#f5c36b", Primary: "#f8dc9a", Secondary: "#ffffff",
	Street: "#ffffff", Path: "#e3e6ea", Casing: "#c3ccd6", Rail: "#8d99a6",
	Building: [4]string{"#dfe4ea", "#cfd8e3", "#b4c6da", "#8fb0d2"}, BuildingTop: 0.92,
	Border: "#0b62b8", Glow: "#8fc0ee", BorderSoft: "#5d8fbd",
	Text: "#10233a", TextSoft: "#35506d", TextFaint: "#5f7690", Halo: "#ffffff",
	Accent: "#0b62b8", Good: "#0c8a5a", Watch: "#b98300", Warn: "#cf5f00", Bad: "#c8102e", Idle: "#73879b",
	Series: [8]string{"#0b62b8", "#0c8a5a", "#b98300", "#c8452a", "#6b4fc4", "#2f6fe0", "#b83a78", "#2c8f7b"},
}

// ThemeTokens are the colours of a theme: "light", or the dark one.
func ThemeTokens(theme string) Tokens {
	if theme == "light" {
		return light
	}
	return dark
}
