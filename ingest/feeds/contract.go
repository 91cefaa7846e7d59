package feeds

import (
	"onecity/cim"
	"onecity/geo"
)

// Contract is what a department has declared of a feed (数据资源目录 in the sense
// of GB/T 21063). It is written as a JSON file; see the embedded ones.
type Contract struct {
	// ID names the feed in paths and folders: letters, digits and -.
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEn string `json:"nameEn"`
	// Department 责任部门 and how often it delivers, for people.
	Department string `json:"department"`
	Period     string `json:"period,omitempty"`
	// Encoding of CSV: "utf-8", "gb18030", or "" to detect. Delimiter of CSV: one
	// character, or "" to detect among , ; tab and |.
	Encoding  string `json:"encoding,omitempty"`
	Delimiter string `json:"delimiter,omitempty"`
	// Sheet of XLSX; "" is the first one.
	Sheet string `json:"sheet,omitempty"`
	// CRS of the coordinates; not declared is CGCS2000.
	CRS geo.CRS `json:"crs,omitempty"`
	// TimeZone of times that do not say theirs: an IANA name.
	TimeZone string   `json:"timeZone"`
	Columns  []Column `json:"columns"`
	// Key are the columns that name a row within a delivery.
	Key []string `json:"key"`
	// Missing are the texts that stand for no value, beside the empty one;
	// nil means the usual ones (usualMissing).
	Missing []string `json:"missing,omitempty"`
	Target  Target   `json:"target"`
}

// Column is one column of a feed.
type Column struct {
	// Name is the header's text. Aliases are others that it may have; a column
	// under a merged header is also found by the path "merged/own".
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
	Type    Type     `json:"type"`
	// Unit is the UCUM code of a number's unit, for people and conversion.
	Unit     string   `json:"unit,omitempty"`
	Required bool     `json:"required,omitempty"`
	Min      *float64 `json:"min,omitempty"`
	Max      *float64 `json:"max,omitempty"`
	// Pattern is a regular expression (RE2) that the whole text must match.
	Pattern string `json:"pattern,omitempty"`
	// Table of a code: what is delivered → what it means here.
	Table map[string]string `json:"table,omitempty"`
	// Format of a time, such as "yyyy-MM-dd HH:mm"; "" takes the usual ones.
	Format string `json:"format,omitempty"`
}

// Type of a column's cells.
type Type string

// The types.
const (
	Text    Type = "text"
	Number  Type = "number"
	Integer Type = "integer"
	Time    Type = "time"
	CodeOf  Type = "code" // one of Column.Table
)

// Kind says what a row is to the city.
type Kind string

// The kinds of target.
const (
	Observations Kind = "observations"
	Indicators   Kind = "indicators"
	Incidents    Kind = "incidents"
	Devices      Kind = "devices"
)

// Target says what a row becomes. Each field but the constants names a column.
type Target struct {
	Kind Kind `json:"kind"`
	// ID: the device of an observation; the id of an incident or a device. An
	// incident's id is prefixed with the feed's.
	ID string `json:"id,omitempty"`
	// Time: of observations and indicators; when an incident was reported.
	Time string `json:"time,omitempty"`
	// Lon and Lat (x and y of a plane system). GeoJSON brings its own places.
	Lon string `json:"lon,omitempty"`
	Lat string `json:"lat,omitempty"`
	// Values are the columns that become observations or indicators.
	Values []Value `json:"values,omitempty"`
	// Of incidents; Class and Status must be code columns.
	Class       string `json:"class,omitempty"`
	Status      string `json:"status,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Address     string `json:"address,omitempty"`
	// Of devices; Properties are constants: what each of them observes.
	Name       string         `json:"name,omitempty"`
	DeviceKind string         `json:"deviceKind,omitempty"` // constant
	Properties []cim.Property `json:"properties,omitempty"`
}

// Value maps a number column to an observed property or an indicator's name.
type Value struct {
	Column   string       `json:"column"`
	Property cim.Property `json:"property,omitempty"` // observations
	Name     string       `json:"name,omitempty"`     // indicators; "" is the column's
}
