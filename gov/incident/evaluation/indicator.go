package evaluation

import "onecity/internal/calendar"

// Direction says which way is better.
type Direction string

// The directions.
const (
	Up   Direction = "up"   // the more the better
	Down Direction = "down" // the less the better
)

// Indicator 评价指标 is a formula with a name, as it counts from a day on.
type Indicator struct {
	Code    string `json:"code" maxLength:"40" pattern:"^[a-z][a-z0-9-]*$"`
	Name    string `json:"name" minLength:"1" maxLength:"40"`
	NameEn  string `json:"nameEn" maxLength:"60"`
	Formula string `json:"formula" minLength:"1" maxLength:"400" doc:"计数的算式 Arithmetic over counts"`
	Unit    string `json:"unit" maxLength:"8" doc:"%、分、件 …"`
	// Direction says which way is better.
	Direction Direction `json:"direction" enum:"up,down"`
	Target    *float64  `json:"target,omitempty" doc:"目标值 What shall be reached"`
	// ValidFrom is the first day that it counts so for, ValidTo the first on
	// which it no longer does.
	ValidFrom calendar.Date  `json:"validFrom"`
	ValidTo   *calendar.Date `json:"validTo,omitempty"`
	// Source says where the definition is from; Verified whether it was checked
	// against the standard's own text.
	Source   string `json:"source,omitempty" maxLength:"400"`
	Verified bool   `json:"verified"`
	Order    int    `json:"order"`
}
