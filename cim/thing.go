package cim

import (
	"time"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// Object 部件/要素 is a thing of the city that lasts: a building, a road, a lamp.
//
// What a tile reads comes first: it waits for memory more than for anything
// else, and a field fewer to fetch is felt at two thousand objects a tile.
type Object struct {
	ID string
	// Class is the CityJSON 2.0 type ("Building", "Road", "WaterBody"), and
	// Kind the finer sort under it ("residential", "primary", "lake").
	Class, Kind string
	Name        string
	NameEn      string
	// Height and Base are metres above ground of the roof and of the floor.
	Height, Base float32

	hash  uint64 // filled by the fold, as are level, shape, slot and cell
	level uint8
	// Made says that the program made it.
	Made  bool
	Layer Layer
	Grade Grade
	shape Shape

	// Region is the deepest region that holds the object; the fold fills it.
	Region geo.Code
	// Geometry in CGCS2000 lon, lat.
	Geometry orb.Geometry
	// Source says where it came from, with its licence ("© OpenStreetMap
	// contributors, ODbL").
	Source     string
	Attributes map[string]string

	slot uint32
	cell uint32 // slot of the base cell of shape.Point
}

// Hash is the xxHash64 of the ID, worked out once; 0 in an object that did not
// come from a [Reader].
func (o *Object) Hash() uint64 { return o.hash }

// rank orders objects within a level.
func (o *Object) rank() uint32 { return uint32(o.hash) }

// Shape is the object's geometry in world units, ready for tiles. It is the
// zero Shape in an object that did not come from a [Reader].
func (o *Object) Shape() *Shape { return &o.shape }

// Cell is the base cell that holds the middle of the object. (A call into H3.)
func (o *Object) Cell() geo.Cell {
	return geo.CellAt(geo.Unproject(o.shape.Point), geo.BaseResolution)
}

// Level says how important the object is among those of its layer: 0 (large
// water, main roads) to 9; [Reader.Objects] visits the levels in order.
func (o *Object) Level() int { return int(o.level) }

func (o *Object) isPoint() bool { return o.shape.Kind == Points && o.shape.Parts == nil }

// Property is an observed property, such as "pm2_5"; its unit is fixed for
// the whole program by the register in property.go (UCUM codes).
type Property string

// Datastream is one property that a device observes (SensorThings 1.1, 8.2.4).
type Datastream struct {
	Property Property `json:"property"`
	// Unit is a UCUM code, the register's unit of the property.
	Unit string `json:"unit"`
}

// Device 感知设备 is an object that observes.
type Device struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Kind        string       `json:"kind"` // "air", "water", "traffic", "lamp", "manhole" …
	Lon         float64      `json:"lon"`
	Lat         float64      `json:"lat"`
	Datastreams []Datastream `json:"datastreams"`
	Region      geo.Code     `json:"region,omitempty"` // filled by the fold
	Grade       Grade        `json:"grade,omitempty"`
	Simulated   bool         `json:"simulated,omitempty"`
}

// Observation is one value of one datastream at one time. The datastream and
// the time, to the millisecond, name it: the same pair again is the same
// observation.
type Observation struct {
	Device   string    `json:"device"`
	Property Property  `json:"property"`
	Time     time.Time `json:"time"` // phenomenon time
	Value    float64   `json:"value"`
}

// Unit 力量 is a person or vehicle that moves and can be sent.
type Unit struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Kind      string   `json:"kind"` // "grid", "enforcement", "sanitation", "emergency" …
	Org       string   `json:"org,omitempty"`
	Home      geo.Code `json:"home,omitempty"`
	Grade     Grade    `json:"grade,omitempty"`
	Simulated bool     `json:"simulated,omitempty"`
}

// Position is where a unit was at one time. Unit and Time, to the millisecond,
// name it.
type Position struct {
	Unit    string    `json:"unit"`
	Time    time.Time `json:"time"`
	Lon     float64   `json:"lon"`
	Lat     float64   `json:"lat"`
	Speed   float32   `json:"speed,omitempty"`   // m/s
	Heading float32   `json:"heading,omitempty"` // degrees clockwise from north
	// Status is "idle", "moving", "handling" or "off"; empty means unchanged.
	Status string `json:"status,omitempty"`
}

// Status of an Incident; the seven steps of GB/T 30428 in brief.
type Status string

// The states of an incident 案件.
const (
	StatusReported   Status = "reported"   // 信息收集
	StatusAccepted   Status = "accepted"   // 案件建立
	StatusDispatched Status = "dispatched" // 任务派遣
	StatusHandling   Status = "handling"   // 任务处理
	StatusHandled    Status = "handled"    // 处理反馈
	StatusClosed     Status = "closed"     // 核查结案
	StatusRejected   Status = "rejected"   // 不予立案
)

// Open reports whether something remains to be done.
func (s Status) Open() bool { return s != StatusClosed && s != StatusRejected }

// Incident 案件 is something that must be handled. An incident event carries
// the whole record; the highest Version wins.
type Incident struct {
	ID          string    `json:"id"`
	Version     uint32    `json:"version"`
	Class       string    `json:"class"` // service_code of the register in incidentclass.go
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	Status      Status    `json:"status"`
	Severity    uint8     `json:"severity"` // 1 特别重大 … 4 一般
	Lon         float64   `json:"lon"`
	Lat         float64   `json:"lat"`
	Address     string    `json:"address,omitempty"`
	Reported    time.Time `json:"reported"`
	Due         time.Time `json:"due,omitzero"`
	Updated     time.Time `json:"updated,omitzero"`
	Closed      time.Time `json:"closed,omitzero"`
	Channel     string    `json:"channel,omitempty"` // "citizen", "grid", "sensor", "department"
	Unit        string    `json:"unit,omitempty"`    // who has been sent
	// Step is the exact state of the case in the workflow, of which Status is the
	// brief; Offered the units that an open call went to; Urged how often a leader
	// has urged; Merged how many other reports are in it.
	Step      string   `json:"step,omitempty"`
	Offered   []string `json:"offered,omitempty"`
	Urged     int      `json:"urged,omitempty"`
	Merged    int      `json:"merged,omitempty"`
	Note      string   `json:"note,omitempty"`
	Photos    []string `json:"photos,omitempty"` // paths below /media/
	Region    geo.Code `json:"region,omitempty"` // filled by the fold
	Grade     Grade    `json:"grade,omitempty"`
	Simulated bool     `json:"simulated,omitempty"`
}

// Indicator is one value that a department's feed delivers for a place.
type Indicator struct {
	Feed  string    `json:"feed"`
	Key   string    `json:"key"` // the row's key within the feed
	Name  string    `json:"name"`
	Time  time.Time `json:"time"`
	Lon   float64   `json:"lon"`
	Lat   float64   `json:"lat"`
	Value float64   `json:"value"`
	Unit  string    `json:"unit,omitempty"`
}
