package cim

// Formula makes the composite index of a cell 综合指数, 0 (good) to 100 (bad):
// 100 × Σ w·clamp((x − Low)/(High − Low), 0, 1) / Σ w over the terms whose
// measure the cell has. It is data: a city sets its own by a FormulaPut.
type Formula struct {
	Terms []Term `json:"terms"`
}

// Term weighs one measure of a cell.
type Term struct {
	// Measure is "observation" (Property, Window, Stat), "incidents.open",
	// "incidents.late", "alarms", "units" or "indicator" (Property is its name).
	Measure  string   `json:"measure"`
	Property Property `json:"property,omitempty"`
	Window   Window   `json:"window,omitempty"`
	Stat     string   `json:"stat,omitempty"` // "last", "mean", "max", "count"
	Low      float64  `json:"low"`
	High     float64  `json:"high"`
	Weight   float64  `json:"weight"`
}
