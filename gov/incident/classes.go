package incident

import (
	"onecity/internal/calendar"
)

// Limits 时限 are how long each step may take, in minutes; Total is for the
// whole, from the report on. 0: the step has no limit.
type Limits struct {
	Establish int `json:"establish"`
	Dispatch  int `json:"dispatch"`
	Accept    int `json:"accept"`
	Handle    int `json:"handle"`
	Verify    int `json:"verify"`
	Total     int `json:"total"`
}

// Class 案件类别 is what the register says of one class of cases: a major class
// 大类 (Group) and a minor class 小类 of GB/T 30428.2, with its limits from one
// date on.
type Class struct {
	Code      string `json:"code"` // of the city's register; its first three characters are the major class
	Name      string `json:"name"`
	NameEn    string `json:"nameEn"`
	Group     string `json:"group"`
	GroupEn   string `json:"groupEn"`
	Component bool   `json:"component"` // 部件, not 事件
	// Severity is what a case of it begins with, 1 特别重大 … 4 一般.
	Severity int `json:"severity"`
	// NeedsPhoto: it is not finished without a photo of afterwards.
	NeedsPhoto bool   `json:"needsPhoto"`
	Limits     Limits `json:"limits"`
	// Working: the limits are in working time 工作时间, not by the wall clock.
	Working   bool           `json:"working"`
	ValidFrom calendar.Date  `json:"validFrom"`
	ValidTo   *calendar.Date `json:"validTo,omitempty"` // the first day that they hold no more; nil: until further notice
	// Source is where code, name and limits come from, Verified whether they
	// were compared with the standard's text.
	Source   string `json:"source"`
	Verified bool   `json:"verified"`
}
