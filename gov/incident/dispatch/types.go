package dispatch

import "time"

// Mandate 责任 is one row of the responsibility list: incidents whose class
// begins with Class, in the subtree of Region, are Org's in that time.
type Mandate struct {
	ID string `json:"id,omitempty"`
	// Class is a class of the register or the beginning of its code: "E0101",
	// "E01", "E"; "" is every class.
	Class string `json:"class"`
	// Region is a code whose subtree is meant; "" is the whole city.
	Region string `json:"region"`
	// Org is the path of the organisation in the directory; OrgName what it was
	// called when the row was written.
	Org     string `json:"org"`
	OrgName string `json:"orgName,omitempty"`
	// Kinds of units that go; none: the organisation's own, whatever they are.
	Kinds []string   `json:"kinds"`
	Since time.Time  `json:"since"`
	Until *time.Time `json:"until,omitempty"` // exclusive; none: until another is entrusted
	Note  string     `json:"note,omitempty"`
	// Made says that the program made the row up, for trying it out.
	Made    bool      `json:"made,omitempty"`
	Version int64     `json:"version"`
	Updated time.Time `json:"updated,omitzero"`
}

// Slot 班次 is a part of the day in which somebody is on duty.
type Slot struct {
	Code   string `json:"code"`
	Name   string `json:"name"` // Chinese
	NameEn string `json:"nameEn"`
	// Begins is the time of the day, "08:00", in the city's time zone, and Minutes
	// how long it lasts; it may go on past midnight.
	Begins  string `json:"begins"`
	Minutes int    `json:"minutes"`
}

// Turn 值班 is one unit, person or both on duty for a region in one shift.
type Turn struct {
	ID         string    `json:"id,omitempty"`
	Region     string    `json:"region"`
	Date       string    `json:"date"`  // on which the shift begins, 2006-01-02 in the city's time zone
	Shift      string    `json:"shift"` // code of its Slot
	Unit       string    `json:"unit,omitempty"`
	UnitName   string    `json:"unitName,omitempty"`
	Person     string    `json:"person,omitempty"` // subject, "person:…"
	PersonName string    `json:"personName,omitempty"`
	Note       string    `json:"note,omitempty"`
	From       time.Time `json:"from"`
	Until      time.Time `json:"until"` // exclusive
	Made       bool      `json:"made,omitempty"`
}

// RosterDay 值班表 is who is on duty for a region in the shifts that begin on one
// day. Version is 0 before anybody has written it.
type RosterDay struct {
	Region  string `json:"region"`
	Date    string `json:"date"`
	Version int64  `json:"version"`
	Turns   []Turn `json:"turns"`
}

// Because says in words why, in both languages.
type Because struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// MandateFilter selects rows of the responsibility list.
type MandateFilter struct {
	// Region: those of it, of those below, and of those above, which hold there
	// too; "" is all.
	Region string
	Class  string    // those that touch classes beginning with it
	At     time.Time // those that hold then; zero is now
	All    bool      // past and future ones too
}
