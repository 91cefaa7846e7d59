package warning

import (
	"errors"
	"fmt"
	"time"

	"onecity/internal/flow"
)

// MachineName is the machine's in the workflow kernel, Kind the outbox's word
// for a change of a warning; its body is a [Warning].
const (
	MachineName = "warning"
	Kind        = "warning"
	// Action is the right to draft, issue and cancel, where the warning holds.
	Action = "warning.issue"
)

// States of a warning.
const (
	Draft     flow.State = "draft"     // 拟制
	Issued    flow.State = "issued"    // 已发布
	Replaced  flow.State = "replaced"  // 已更新: another took its place
	Cancelled flow.State = "cancelled" // 已解除
	Expired   flow.State = "expired"   // 已失效
	Dropped   flow.State = "dropped"   // 已作废: a draft that was not issued
)

// Events of the machine.
const (
	Issue   flow.Event = "issue"
	Cancel  flow.Event = "cancel"
	Replace flow.Event = "replace"
	Expire  flow.Event = "expire"
	Drop    flow.Event = "drop"
)

// Colours, the gravest last.
const (
	Blue   = "blue"   // 蓝色 IV 级 → CAP Minor
	Yellow = "yellow" // 黄色 III 级 → Moderate
	Orange = "orange" // 橙色 II 级 → Severe
	Red    = "red"    // 红色 I 级 → Extreme
)

// Warning 预警 is one warning, as it was drafted and what became of it.
type Warning struct {
	ID string `json:"id"` // "w-20261124-…", the server's
	// Event is what it warns of: 暴雨 / Rainstorm; Category is CAP's ("Met").
	Event    string `json:"event"`
	EventEn  string `json:"eventEn"`
	Category string `json:"category"`
	Colour   string `json:"colour"`
	// Urgency and Certainty are CAP's: "Immediate", "Expected", "Future"; "Observed", "Likely", "Possible".
	Urgency   string `json:"urgency"`
	Certainty string `json:"certainty"`
	// Headline, Text and Instruction are what people read, zh-CN and en.
	Headline      string `json:"headline"`
	HeadlineEn    string `json:"headlineEn"`
	Text          string `json:"text"`
	TextEn        string `json:"textEn"`
	Instruction   string `json:"instruction"`
	InstructionEn string `json:"instructionEn"`
	// Regions are the codes of where it holds; the first is where it is drafted.
	// Area and AreaEn are their words. Polygon, if there is one, is a closed ring of
	// lon, lat (CGCS2000) that says it more narrowly.
	Regions []string     `json:"regions"`
	Area    string       `json:"area"`
	AreaEn  string       `json:"areaEn"`
	Polygon [][2]float64 `json:"polygon,omitempty"`
	// Onset is when what it warns of begins, Expires when the warning is over by
	// itself; Effective is when it was issued.
	Onset     time.Time `json:"onset"`
	Effective time.Time `json:"effective,omitzero"`
	Expires   time.Time `json:"expires"`
	// Sender is the office that it is in the name of 发布单位; Contact how to ask.
	Sender  string `json:"sender"`
	Contact string `json:"contact"`
	// Exercise marks a drill 演练: it is shown as such, and CAP's status is Exercise.
	Exercise bool `json:"exercise"`
	// Replaces is the warning that it takes the place of (CAP: Update).
	Replaces string `json:"replaces,omitempty"`

	State   flow.State `json:"state"`
	Version int64      `json:"version"` // counts every change
	Made    time.Time  `json:"made"`
	Updated time.Time  `json:"updated"`
	Ended   time.Time  `json:"ended,omitzero"`
	// Authors wrote it, Issuer issued it, EndedBy cancelled it: subjects.
	Authors []string `json:"authors"`
	Issuer  string   `json:"issuer,omitempty"`
	EndedBy string   `json:"endedBy,omitempty"`
	Why     string   `json:"why,omitempty"` // the reason of the cancellation
}

// InForce reports whether it holds at t.
func (w Warning) InForce(t time.Time) bool { return w.State == Issued && w.Expires.After(t) }

// Grave reports whether it needs two persons.
func (w Warning) Grave() bool { return w.Colour == Orange || w.Colour == Red }

// Region is where rights to it are asked: the narrowest region around all of it.
func (w Warning) Region() string { return common(w.Regions) }

// Public is the warning without who in the house wrote, issued and ended it.
func (w Warning) Public() Warning {
	w.Authors, w.Issuer, w.EndedBy = []string{}, "", ""
	return w
}

// Change says, in the outbox, what became of a warning.
type Change struct {
	Event   flow.Event `json:"event"`
	Warning Warning    `json:"warning"`
}

// What can be wrong; errors.Is tells them apart. The kernel's errors come too.
var (
	ErrNotFound = errors.New("no such warning")
	ErrConflict = errors.New("the warning has changed meanwhile")
	ErrRefused  = errors.New("not allowed")
)

// FieldError is one field that cannot be taken.
type FieldError struct {
	Field   string
	Code    string
	Message string // Chinese / English
}

func (e *FieldError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Message) }

// Filter narrows a list of warnings, the newest first; the zero filter takes all.
type Filter struct {
	State flow.State
	After string // ID after which the page begins
	Limit int    // ≤ 200; 0: 50
}
