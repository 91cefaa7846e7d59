package alarm

import "time"

// Trial is what a rule would have opened.
type Trial struct {
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
	Observations int64     `json:"observations"` // values, or positions, that were looked at
	Targets      int       `json:"targets"`
	Total        int       `json:"total"`
	Opened       []Opened  `json:"opened"` // the first MaxOpened
	Days         []Day     `json:"days"`   // every day of the range, in the city's time zone
	// Stopped says why the rule would have been switched off.
	Stopped string `json:"stopped,omitempty"`
	// Thinned says that there were too many values, and of each minute only the
	// highest and the lowest were looked at.
	Thinned bool `json:"thinned,omitempty"`
}

// Opened is one incident that would have been opened.
type Opened struct {
	Report
	// Over is when all was normal again; nil: not in the range.
	Over    *time.Time `json:"over,omitempty"`
	Seconds float64    `json:"seconds"` // from Since on, to Over or the range's end
}

// Day counts one day.
type Day struct {
	Date  string `json:"date"` // 2026-11-24
	Count int    `json:"count"`
}

// MaxOpened is how many incidents a Trial names.
const MaxOpened = 500
