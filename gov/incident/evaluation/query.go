package evaluation

import "onecity/internal/calendar"

// By is what a table has a row for each of.
type By string

// What can be evaluated 评价对象.
const (
	ByRegion By = "region" // 区域: the parts of the region
	ByOrg    By = "org"    // 部门
	ByUnit   By = "unit"   // 力量
	ByPerson By = "person" // 人员
	ByClass  By = "class"  // 案件类别
	ByPost   By = "post"   // 岗位
)

// Within is where a reader may count: whole subtrees of regions or of
// organisations. The zero Within is nowhere.
type Within struct {
	Regions []string // codes; "" is the whole city
	Orgs    []string // paths; "" is all
}

// Query asks for a table.
type Query struct {
	By     By
	Region string // within this region; "": all that the reader may count
	// From and To are the first and the last day.
	From, To calendar.Date
	Within   Within
}

// Row is one who, what or where with its counts and indicators.
type Row struct {
	Key    string              `json:"key"`
	Name   string              `json:"name"`
	Values map[string]*float64 `json:"values" doc:"指标值，无值为 null Values of the indicators, null where there is none"`
	Counts map[string]float64  `json:"counts"`
	counts Counts
}

// Table is an evaluation.
type Table struct {
	By         By            `json:"by"`
	Region     string        `json:"region"`
	RegionName string        `json:"regionName"`
	From       calendar.Date `json:"from"`
	To         calendar.Date `json:"to"`
	Indicators []Indicator   `json:"indicators"`
	Measures   []MeasureInfo `json:"measures"`
	Rows       []Row         `json:"rows"`
	// Total is the whole, which the rows of regions and classes add up to; what
	// nobody was sent to is in no row of units.
	Total Row `json:"total"`
}
