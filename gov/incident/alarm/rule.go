package alarm

import "time"

// Kind is a kind of rule.
type Kind string

// The kinds of rules.
const (
	KindThreshold  Kind = "threshold"  // 阈值: a value beyond a limit for a time
	KindRate       Kind = "rate"       // 变化率: a change within minutes
	KindSilence    Kind = "silence"    // 失联: a device says nothing
	KindFence      Kind = "fence"      // 电子围栏: somebody enters or leaves
	KindGroup      Kind = "group"      // 邻域联动: several sensors near each other
	KindExpression Kind = "expression" // 表达式
)

// Minutes is a length of time.
type Minutes float64

// Duration of m.
func (m Minutes) Duration() time.Duration { return time.Duration(float64(m) * float64(time.Minute)) }

// Definition is what somebody writes down of a rule.
type Definition struct {
	Name   string `json:"name" maxLength:"100"`
	NameEn string `json:"nameEn,omitempty" maxLength:"100"`
	Note   string `json:"note,omitempty" maxLength:"1000" doc:"说明 What it is for, where the limit comes from"`
	// Region is the subtree in which it holds, and in whose rights it is.
	Region string `json:"region" maxLength:"15" doc:"适用区域代码 Code of the region in which it holds"`
	Kind   Kind   `json:"kind" enum:"threshold,rate,silence,fence,group,expression"`
	Filter Filter `json:"filter"`
	// One of these, by Kind.
	Threshold  *Threshold  `json:"threshold,omitempty"`
	Rate       *Rate       `json:"rate,omitempty"`
	Silence    *Silence    `json:"silence,omitempty"`
	Fence      *Fence      `json:"fence,omitempty"`
	Group      *Group      `json:"group,omitempty"`
	Expression *Expression `json:"expression,omitempty"`
	Open       Opening     `json:"open"`
	// CoolDown is how long after the end of an incident no other is opened for the
	// same target.
	CoolDown Minutes `json:"coolDown" minimum:"0" maximum:"10080" doc:"冷却时间，分钟 Minutes after the incident's end in which no other is opened"`
	// Clear is said of the open incident when the condition has gone; "" says nothing.
	Clear string `json:"clear,omitempty" maxLength:"500" doc:"恢复正常时附加的说明 Said of the incident when all is normal again"`
}

// Filter says which devices or units a rule looks at.
type Filter struct {
	// Of is "device" or, of a fence only, "unit".
	Of string `json:"of,omitempty" enum:"device,unit"`
	// Kinds of devices or units; empty: all.
	Kinds []string `json:"kinds,omitempty" maxItems:"50" doc:"设备或力量类型，空为全部 Kinds of devices or units; empty is all"`
	// Property that is looked at; required of all kinds but silence and fence.
	Property string `json:"property,omitempty" maxLength:"64" doc:"观测项 Observed property"`
	// IDs of single ones; empty: all.
	IDs []string `json:"ids,omitempty" maxItems:"200" doc:"仅这些设备或力量 Only these"`
}

// Threshold 阈值: the value is beyond Limit for so long.
type Threshold struct {
	Compare string  `json:"compare" enum:">,>=,<,<=" doc:"比较 Comparison with the limit"`
	Limit   float64 `json:"limit" doc:"限值，观测项的单位 Limit, in the unit of the property"`
	// For is how long each value must be beyond it; 0: one is enough.
	For Minutes `json:"for,omitempty" minimum:"0" maximum:"1440" doc:"持续分钟 Minutes that it must last"`
	// Until is where it is over: below it, when Limit is exceeded from below
	// (hysteresis 回差). Nil: at Limit.
	Until *float64 `json:"until,omitempty" doc:"解除值 Where it is over (hysteresis); empty is the limit"`
	// Hold says that a value holds until the next comes (a cover that tells only
	// when it opens), so that the time runs on without values.
	Hold bool `json:"hold,omitempty" doc:"状态量：无新值时视为不变 A value holds until the next one comes"`
}

// Rate 变化率: it changes by so much within Within minutes.
type Rate struct {
	Direction string  `json:"direction" enum:"rise,fall,either"`
	By        float64 `json:"by" doc:"变化量 Amount of change, in the unit of the property"`
	Within    Minutes `json:"within" minimum:"1" maximum:"60" doc:"分钟内 Within so many minutes"`
	// Until is the change below which it is over; nil: half of By.
	Until *float64 `json:"until,omitempty"`
}

// Silence 失联: nothing was heard of the device for After minutes of the
// stream's time. Time in which the server itself was away does not count.
type Silence struct {
	After Minutes `json:"after" minimum:"1" maximum:"10080" doc:"无数据分钟 Minutes without a word"`
}

// Fence 电子围栏: a unit or device enters or leaves an area and stays on that
// side for so long. The first place that is heard of it is where it is, not
// where it went.
type Fence struct {
	When string `json:"when" enum:"enter,leave"`
	// Region's code, or Polygon: rings of lon, lat (CGCS2000), the first outside.
	Region  string         `json:"region,omitempty" maxLength:"15"`
	Polygon [][][2]float64 `json:"polygon,omitempty" maxItems:"20" doc:"多边形环，经度纬度 Rings of lon, lat, the first the outer"`
	For     Minutes        `json:"for,omitempty" minimum:"0" maximum:"1440" doc:"停留分钟 Minutes on that side"`
}

// Group 邻域联动: at least Count of the devices within Ring H3 cells of each
// other are beyond the limit, each within the last Within minutes.
type Group struct {
	Compare string  `json:"compare" enum:">,>=,<,<="`
	Limit   float64 `json:"limit"`
	Count   int     `json:"count" minimum:"2" maximum:"50" doc:"至少几个设备 At least so many devices (k)"`
	// Of is how many must have been heard there at all (n of "k of n"); 0: Count.
	Of     int     `json:"of,omitempty" minimum:"0" maximum:"200" doc:"其中有数据的至少几个 Of at least so many that were heard (n)"`
	Ring   int     `json:"ring" minimum:"0" maximum:"5" doc:"邻域环数 Rings of H3 cells around the first"`
	Within Minutes `json:"within" minimum:"1" maximum:"120" doc:"时间窗分钟 Minutes within which they all were"`
}

// Expression 表达式: a condition over [Env], looked at with each value.
type Expression struct {
	When string `json:"when" maxLength:"1000" doc:"告警条件 Condition, true or false"`
	// Until is when it is over; "": when When is not true.
	Until string  `json:"until,omitempty" maxLength:"1000" doc:"解除条件 When it is over"`
	For   Minutes `json:"for,omitempty" minimum:"0" maximum:"1440"`
}

// Opening is the incident that is opened.
type Opening struct {
	Class    string `json:"class" maxLength:"16" doc:"案件类别 Code of the class"`
	Severity int    `json:"severity" minimum:"1" maximum:"4" doc:"1 特别重大 … 4 一般"`
	// Text is a template, see [Words].
	Text string `json:"text" maxLength:"500" doc:"案件描述模板 Template of the description: {device} {value} …"`
}

// Rule 告警规则 is a definition as it is kept.
type Rule struct {
	ID string `json:"id"`
	Definition
	Version int64 `json:"version"`
	On      bool  `json:"on"`
	// Made says that it came with the program, as an example.
	Made bool `json:"made,omitempty"`
	// Tried is the last try of this definition against history; nil: never.
	Tried *Tried `json:"tried,omitempty"`
	// Stopped says why the program has switched it off.
	Stopped   string    `json:"stopped,omitempty"`
	Updated   time.Time `json:"updated"`
	UpdatedBy string    `json:"updatedBy"`
}

// Tried is what a try found.
type Tried struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Opened int       `json:"opened"`
}

// Standing is a rule with what has come of it.
type Standing struct {
	Rule
	// Today and Week count what it opened since midnight and in seven days; Last
	// is when it last did; Now how many targets are in alarm.
	Today int        `json:"today"`
	Week  int        `json:"week"`
	Last  *time.Time `json:"last,omitempty"`
	Now   int        `json:"now"`
	// Targets is how many devices or units it looks at.
	Targets int `json:"targets"`
}
