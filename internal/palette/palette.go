package palette

// Palette is one theme.
type Palette struct {
	Ground, Surface, Hairline, Edge string
	Ink1, Ink2, Ink3                string    // text, from strong to faint
	Accent, Good, Late, Sim         string    //
	Severity                        [4]string // 特别重大, 重大, 较大, 一般
	Ramp                            [5]string // an index, good to bad
	Series                          [6]string // of a chart, in order
}

// Dark is for a wall in a dim room.
var Dark = Palette{
	Ground: "#090d12", Surface: "#0d1319", Hairline: "#1b2630", Edge: "#2c3b49",
	Ink1: "#edf2f5", Ink2: "#a5b3bf", Ink3: "#74858f",
	Accent: "#56c7c0", Good: "#58b98a", Late: "#ff6f66", Sim: "#b6a2f4",
	Severity: [4]string{"#ff5d55", "#ff9640", "#efcb4e", "#6ea6f2"},
	Ramp:     [5]string{"#16384a", "#2c6585", "#7d6bab", "#dc6b86", "#ff8a4f"},
	Series:   [6]string{"#56c7c0", "#e0a458", "#8b9ff0", "#d77fa1", "#93b86a", "#8797a5"},
}

// Light is for a telephone in the sun.
var Light = Palette{
	Ground: "#e9edf0", Surface: "#f7f9fa", Hairline: "#dde4e9", Edge: "#b9c6cf",
	Ink1: "#16202a", Ink2: "#47565f", Ink3: "#66757f",
	Accent: "#0b7f7a", Good: "#2e8a5c", Late: "#c92f2a", Sim: "#6a4fc4",
	Severity: [4]string{"#d3302b", "#cc6a12", "#a88408", "#2c6ecb"},
	Ramp:     [5]string{"#cfdfe8", "#8db4cc", "#9a86c4", "#cf5b7d", "#d9480f"},
	Series:   [6]string{"#0b7f7a", "#b4701d", "#4a5fc9", "#b04874", "#567f2b", "#6a7a86"},
}

// Of is the palette of a theme: "light", or the dark one.
func Of(theme string) Palette {
	if theme == "light" {
		return Light
	}
	return Dark
}
