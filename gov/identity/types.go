package identity

import (
	"time"
)

// Org 机构 is one organisation. Path has four characters a level, the
// parent's first, so that a prefix is a subtree.
type Org struct {
	ID     string `json:"id"`   // UUID
	USCC   string `json:"uscc"` // 统一社会信用代码, GB 32100-2015; empty for a body without one
	Name   string `json:"name"`
	Kind   string `json:"kind"` // party, gov, town, village, grid, institution, soe
	Parent string `json:"parent,omitempty"`
	Path   string `json:"path"`
	Region string `json:"region"` // code of where its work is
	// Gaps are those of the three ones 三个一 that nobody fills now: leader,
	// department, officer.
	Gaps    []string  `json:"gaps"`
	People  int       `json:"people"`
	Version int64     `json:"version"`
	Updated time.Time `json:"updated"`
}

// Person 人员 is one human being with work in the directory.
type Person struct {
	ID    string `json:"id"`    // UUID; the subject is "person:" + ID
	Login string `json:"login"` // small letters, digits, points and hyphens; unique
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
	Org   string `json:"org"`      // ID
	Path  string `json:"path"`     // of the organisation
	OrgIs string `json:"org_name"` // its name
	Post  string `json:"post,omitempty"`
	// State is active, locked (by an administrator) or left.
	State   string    `json:"state"`
	Version int64     `json:"version"`
	Updated time.Time `json:"updated"`
}

// Subject is the person's id as a holder of bindings and as an actor.
func (p Person) Subject() string { return "person:" + p.ID }

// The three ones 三个一 of an organisation.
const (
	Leader     = "leader"     // 分管领导
	Department = "department" // 扎口部门
	Officer    = "officer"    // 专职人员
)

// Responsibility 责任 fills one of the three for a time. Exactly one at any
// moment: the database sees to it.
type Responsibility struct {
	ID     string     `json:"id"`
	Org    string     `json:"org"`
	Kind   string     `json:"kind"`
	Person string     `json:"person,omitempty"`     // of a leader or officer
	Unit   string     `json:"department,omitempty"` // ID of the organisation that leads
	Doc    string     `json:"doc,omitempty"`        // number of the paper that appointed it
	From   time.Time  `json:"from"`
	Until  *time.Time `json:"until,omitempty"`
}
