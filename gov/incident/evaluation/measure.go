package evaluation

import "slices"

// Measure is something that is counted.
type Measure uint8

// The measures. A case counts for those of handling and of closing on the day
// on which it had to be done, or was if that was earlier; for those of reports
// on the day on which it was opened.
const (
	Reports         Measure = iota // 受理数
	Established                    // 立案数
	Rejected                       // 不予立案数
	MergedInto                     // 并案数
	JudgeDue                       // 应审核数: decided, or the limit has passed
	JudgedOnTime                   // 按时审核数
	DispatchDue                    // 应派遣数
	DispatchOnTime                 // 按时派遣数
	Dispatched                     // 派遣次数
	Returned                       // 退回次数, on the day of the dispatch that was sent back
	Due                            // 应处置数
	Handled                        // 处置数
	HandledOnTime                  // 按期处置数
	Reworked                       // 返工数: cases, not times
	Delayed                        // 延期数
	Suspended                      // 挂账数
	HandlingMinutes                // 处置时长, from the first dispatch to the first end
	CloseDue                       // 应结案数
	Closed                         // 结案数
	ClosedOnTime                   // 按期结案数
	ClosingMinutes                 // 结案时长, from the opening
	VerifyDue                      // 应核查数
	VerifiedOnTime                 // 按时核查数
	Rated                          // 评价数
	Stars                          // 评价星数
	Satisfied                      // 满意数: four stars and more
	UrgedTimes                     // 督办次数
	Escalated                      // 升级次数
	measures
)

// MeasureInfo is what a formula and a table call a measure.
type MeasureInfo struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEn string `json:"nameEn"`
}

var infos = [measures]MeasureInfo{
	Reports:         {"reports", "受理数", "Reports"},
	Established:     {"established", "立案数", "Established"},
	Rejected:        {"rejected", "不予立案数", "Rejected"},
	MergedInto:      {"merged", "并案数", "Merged"},
	JudgeDue:        {"judge_due", "应审核数", "To be judged"},
	JudgedOnTime:    {"judged_on_time", "按时审核数", "Judged on time"},
	DispatchDue:     {"dispatch_due", "应派遣数", "To be dispatched"},
	DispatchOnTime:  {"dispatched_on_time", "按时派遣数", "Dispatched on time"},
	Dispatched:      {"dispatched", "派遣次数", "Dispatches"},
	Returned:        {"returned", "退回次数", "Sent back"},
	Due:             {"due", "应处置数", "To be handled"},
	Handled:         {"handled", "处置数", "Handled"},
	HandledOnTime:   {"handled_on_time", "按期处置数", "Handled on time"},
	Reworked:        {"reworked", "返工数", "Reworked"},
	Delayed:         {"delayed", "延期数", "Delayed"},
	Suspended:       {"suspended", "挂账数", "Suspended"},
	HandlingMinutes: {"handling_minutes", "处置时长（分）", "Handling, minutes"},
	CloseDue:        {"close_due", "应结案数", "To be closed"},
	Closed:          {"closed", "结案数", "Closed"},
	ClosedOnTime:    {"closed_on_time", "按期结案数", "Closed on time"},
	ClosingMinutes:  {"closing_minutes", "结案时长（分）", "To the end, minutes"},
	VerifyDue:       {"verify_due", "应核查数", "To be verified"},
	VerifiedOnTime:  {"verified_on_time", "按时核查数", "Verified on time"},
	Rated:           {"rated", "评价数", "Rated"},
	Stars:           {"stars", "评价星数", "Stars"},
	Satisfied:       {"satisfied", "满意数", "Satisfied"},
	UrgedTimes:      {"urged", "督办次数", "Urged"},
	Escalated:       {"escalated", "升级次数", "Escalated"},
}

// Measures lists what formulas may use.
func Measures() []MeasureInfo { return slices.Clone(infos[:]) }

// Code is what formulas call it.
func (m Measure) Code() string { return infos[m].Code }

// Counts is a sum of each measure.
type Counts [measures]float64

func (c *Counts) add(o *Counts) {
	for i := range c {
		c[i] += o[i]
	}
}

// Map is the counts by code.
func (c *Counts) Map() map[string]float64 {
	m := make(map[string]float64, measures)
	for i, n := range c {
		m[infos[i].Code] = n
	}
	return m
}
