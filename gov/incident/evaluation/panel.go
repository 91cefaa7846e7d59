package evaluation

import (
	"time"

	"onecity/internal/calendar"
)

// Panel 区镇面板 is how a district stands now.
type Panel struct {
	Region     string        `json:"region"`
	RegionName string        `json:"regionName"`
	Level      string        `json:"level"`
	Time       time.Time     `json:"time"`
	Date       calendar.Date `json:"date"`
	Open       int           `json:"open"`
	LateCount  int           `json:"lateCount"`
	// Soon are those whose clock runs out within two hours.
	Soon int `json:"soon"`
	// Late are the open cases whose time is over, the most urgent first.
	Late []LateCase `json:"late"`
	// Next are those whose time is over soonest, within two hours; their
	// LateMinutes are negative.
	Next []LateCase `json:"next"`
	// WithWhom counts the late ones by who they are with, the most first.
	WithWhom []Holder `json:"withWhom"`
	// Today is up to now, Yesterday and LastWeek up to the same time of day.
	Today     Row `json:"today"`
	Yesterday Row `json:"yesterday"`
	LastWeek  Row `json:"lastWeek"`
	// Peers are the regions beside it, it among them; Parts the regions in it.
	Peers      []Standing    `json:"peers"`
	Parts      []Standing    `json:"parts"`
	Indicators []Indicator   `json:"indicators"`
	Measures   []MeasureInfo `json:"measures"`
}

// LateCase is a case that is late: with whom, since when and why.
type LateCase struct {
	ID         string     `json:"id"`
	No         string     `json:"no"`
	Version    int64      `json:"version"`
	Title      string     `json:"title"`
	Address    string     `json:"address,omitempty"`
	Class      string     `json:"class"`
	Severity   int        `json:"severity"`
	State      string     `json:"state"`
	Region     string     `json:"region"`
	RegionName string     `json:"regionName"`
	Lon        float64    `json:"lon"`
	Lat        float64    `json:"lat"`
	Reported   time.Time  `json:"reported"`
	Since      time.Time  `json:"since"`
	Due        *time.Time `json:"due,omitempty"`
	// LateMinutes is how long its time is over.
	LateMinutes int    `json:"lateMinutes"`
	With        string `json:"with" doc:"现由谁办理 Who it is with: a key of WithWhom"`
	WithName    string `json:"withName"`
	Why         Words  `json:"why"`
	Level       int    `json:"level"`
	Urged       int    `json:"urged"`
	Reworks     int    `json:"reworks"`
}

// Holder is somebody who late cases are with.
type Holder struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	Late int    `json:"late"`
	// Longest is the most that one of them is late, in minutes.
	Longest int `json:"longest"`
}

// Standing is how a region stands today.
type Standing struct {
	Row
	Open int `json:"open"`
	Late int `json:"late"`
}

// Words are a text in both languages.
type Words struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Brief 日报 is the day of a district, to be printed.
type Brief struct {
	Title      string        `json:"title"`
	Region     string        `json:"region"`
	RegionName string        `json:"regionName"`
	Date       calendar.Date `json:"date"`
	Made       time.Time     `json:"made"`
	// Whole says that the day is over.
	Whole     bool       `json:"whole"`
	Day       Row        `json:"day"`
	Before    Row        `json:"before"` // the day before
	WeekAgo   Row        `json:"weekAgo"`
	Open      int        `json:"open"`
	LateCount int        `json:"lateCount"`
	Late      []LateCase `json:"late"`
	WithWhom  []Holder   `json:"withWhom"`
	// Notable are cases of the day to know of: grave, urged, escalated, reworked
	// again, or badly rated.
	Notable    []Notable     `json:"notable"`
	Parts      []Standing    `json:"parts"`
	Classes    []Row         `json:"classes"` // the most frequent of the day
	Indicators []Indicator   `json:"indicators"`
	Measures   []MeasureInfo `json:"measures"`
}

// Notable 重点案件 is a case to know of, with the reason.
type Notable struct {
	ID         string    `json:"id"`
	No         string    `json:"no"`
	Title      string    `json:"title"`
	RegionName string    `json:"regionName"`
	Severity   int       `json:"severity"`
	State      string    `json:"state"`
	Reported   time.Time `json:"reported"`
	Why        Words     `json:"why"`
}
