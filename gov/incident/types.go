package incident

import (
	"encoding/json"
	"time"

	"onecity/internal/flow"
)

// MachineName is the loop's in the workflow kernel; an item's id is the case's.
const MachineName = "incident"

// Report 上报 is what somebody or something says has happened.
type Report struct {
	// ID is the sender's for the report: the same again is the same report.
	ID          string    `json:"id"`
	Class       string    `json:"class"` // code of the register of classes
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	Severity    int       `json:"severity"` // 1 特别重大 … 4 一般; 0: the class's
	Lon         float64   `json:"lon"`      // CGCS2000, degrees
	Lat         float64   `json:"lat"`
	Address     string    `json:"address,omitempty"`
	Reported    time.Time `json:"reported"`           // by the reporter's clock, as far as it may be believed
	Channel     string    `json:"channel"`            // "grid", "citizen", "hotline", "sensor", "camera", "department", "operator"
	Reporter    string    `json:"reporter,omitempty"` // subject, or the key that a citizen was given
	Object      string    `json:"object,omitempty"`   // the component 部件 it is about
	Photos      []string  `json:"photos,omitempty"`   // paths below /media/
	Region      string    `json:"region"`             // deepest region of the place
	Grade       int       `json:"grade,omitempty"`
	Simulated   bool      `json:"simulated,omitempty"`
}

// Case 案件 is the record of an incident as it stands.
type Case struct {
	Report
	// No is the number that people say: "昆-20261124-00017".
	No string `json:"no"`
	// State is the machine's; Version counts every change of the record, and is
	// what a command must name.
	State   flow.State `json:"state"`
	Version int64      `json:"version"`
	Updated time.Time  `json:"updated"`
	Closed  *time.Time `json:"closed,omitempty"`
	// Since is when it came into its state, Due when that state's clock runs out,
	// Final when the whole of it must be done.
	Since time.Time  `json:"since"`
	Due   *time.Time `json:"due,omitempty"`
	Final *time.Time `json:"final,omitempty"`
	Level int        `json:"level"` // how often it was escalated
	// Org is the path of the organisation that it is with 责任单位, Unit 力量 who was
	// sent, Handler the subject who took it.
	Org     string `json:"org,omitempty"`
	Unit    string `json:"unit,omitempty"`
	Handler string `json:"handler,omitempty"`
	// Offered are the units that an open call 抢单 went to.
	Offered []string `json:"offered,omitempty"`
	// Into is the case that this one was merged into; Merged how many were merged
	// into this one.
	Into   string `json:"into,omitempty"`
	Merged int    `json:"merged,omitempty"`
	// Partner is the system that it was handed to.
	Partner string `json:"partner,omitempty"`
	Urged   int    `json:"urged,omitempty"`   // 督办: how often
	Reworks int    `json:"reworks,omitempty"` // 返工: how often
	Proofs  int    `json:"proofs"`
	Stars   int    `json:"stars,omitempty"` // the reporter's rating, 1–5
}

// Late reports whether its clock, or that of the whole, has run out at t.
func (c *Case) Late(t time.Time) bool {
	return c.Closed == nil && (c.Due != nil && c.Due.Before(t) || c.Final != nil && c.Final.Before(t))
}

// Command is what somebody wants done with a case.
type Command struct {
	// ID is the sender's for the command: the same again changes nothing and is
	// answered as the first time. A phone that sends anew after a broken line needs
	// that. Empty: none.
	ID      string                     `json:"id,omitempty"`
	Event   flow.Event                 `json:"event"`
	Version int64                      `json:"version"`
	Input   map[string]json.RawMessage `json:"input,omitempty"`
	Why     string                     `json:"why,omitempty"`
	// At is when it was done, by the sender's clock; zero: now. It is kept beside
	// the server's time and never in its place.
	At time.Time `json:"at,omitzero"`
}

// Proof 证据 is a photo or a form kept with a case.
type Proof struct {
	ID   string `json:"id"` // the sender's
	Case string `json:"case"`
	// Phase is "report", "before", "after", "scene" or "form".
	Phase string `json:"phase"`
	Media string `json:"media"` // path below /media/, named by its content
	// SHA256 of the bytes as they were received, in hex.
	SHA256   string    `json:"sha256"`
	Bytes    int64     `json:"bytes"`
	TakenAt  time.Time `json:"takenAt"`  // by the sender's clock
	Received time.Time `json:"received"` // by the server's
	// Skew is the sender's clock minus ours when it was sent, in seconds; beyond
	// MaxSkew TakenAt is marked as not to be relied on.
	Skew     float64  `json:"skew,omitempty"`
	Doubtful bool     `json:"doubtful,omitempty"`
	Lon      *float64 `json:"lon,omitempty"`
	Lat      *float64 `json:"lat,omitempty"`
	Accuracy float64  `json:"accuracy,omitempty"` // metres
	// Away is how far from the case it was taken, in metres.
	Away *float64 `json:"away,omitempty"`
	By   string   `json:"by"`
	Text string   `json:"text,omitempty"`
}

// Entry is one line of a case's timeline 办理过程.
type Entry struct {
	Seq     int64      `json:"seq"`
	At      time.Time  `json:"at"`
	Kind    string     `json:"kind"` // "event", "note", "urge", "proof", "merge", "split", "told", "clock", "rating", "backup"
	Event   flow.Event `json:"event,omitempty"`
	From    flow.State `json:"from,omitempty"`
	State   flow.State `json:"state,omitempty"`
	By      string     `json:"by"`
	ByName  string     `json:"byName,omitempty"`
	Text    string     `json:"text,omitempty"`
	Unit    string     `json:"unit,omitempty"`
	Ref     string     `json:"ref,omitempty"`    // the other case, the proof
	DoneAt  *time.Time `json:"doneAt,omitempty"` // by the sender's clock, where it differs
	Version int64      `json:"version"`
	// due is when the clock of From was to run out: who moves a case on may be
	// quicker than the clock that tells that its time is over.
	due *time.Time
}

// Query asks for a page of cases.
type Query struct {
	IDs     []string // only these
	Region  string   // subtree
	States  []flow.State
	Open    bool   // only those that are not at an end
	Class   string // a class or the beginning of its code
	Channel string
	Handler string
	Unit    string
	Org     string // subtree
	Late    bool
	Urged   bool
	Text    string // in number, title, address
	From    time.Time
	To      time.Time // reported in [From, To)
	// Order is "urgency" (what matters first), "newest" or "due".
	Order string
	After string // what Page.Next said
	Limit int
}

// Page of cases.
type Page struct {
	Items []Case `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Alike is another case that may be the same thing, with the reasons.
type Alike struct {
	Case    Case     `json:"case"`
	Score   float64  `json:"score"` // 0 … 1
	Metres  float64  `json:"metres"`
	Minutes float64  `json:"minutes"`
	Text    float64  `json:"text"` // similarity of the words, 0 … 1
	Reasons []Reason `json:"reasons"`
}

// Reason says in words why, in both languages.
type Reason struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}
