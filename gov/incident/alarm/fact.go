package alarm

import "time"

// Event is a fact of the city's stream at its position.
type Event struct {
	Seq  uint64
	At   time.Time // when the broker stored it: the engine's only clock
	Fact Fact      // nil: it only moves the clock
}

// Fact is one of the types below.
type Fact interface{ fact() }

// The facts that the engine reads.
type (
	// Registered tells of devices and units, new or changed.
	Registered struct {
		Devices []Device
		Units   []Unit
	}
	// Observed are new values, in the units of the register of properties.
	Observed struct{ Observations []Observation }
	// Moved are new places of units.
	Moved struct{ Positions []Position }
	// Told is that an incident was put into the stream, as it stands now.
	Told struct {
		Incident string
		Open     bool
	}
)

func (Registered) fact() {}
func (Observed) fact()   {}
func (Moved) fact()      {}
func (Told) fact()       {}

// Device 感知设备 as rules see it.
type Device struct {
	ID, Name, Kind string
	Lon, Lat       float64 // CGCS2000, degrees
	Region         string  // deepest region of the place
	Cell           uint64  // H3, the base resolution
	Simulated      bool
}

// Unit 力量 as rules see it.
type Unit struct {
	ID, Name, Kind string
	Home           string // region
	Simulated      bool
}

// Observation is one value; Time is the device's.
type Observation struct {
	Device, Property string
	Time             time.Time
	Value            float64
}

// Position of a unit; Time is the unit's.
type Position struct {
	Unit     string
	Time     time.Time
	Lon, Lat float64
	Region   string // deepest region of the place
}
