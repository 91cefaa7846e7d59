package streets

import "github.com/paulmach/orb"

// Direction is which way along its line a road may be driven.
type Direction int8

// The directions. Forth is as the line is drawn.
const (
	Both Direction = iota
	Forth
	Back
)

// Access is who may drive on a road.
type Access int8

// The accesses.
const (
	Open    Access = iota
	Private        // to get to what lies at it; slow, so that nobody drives through
	Closed         // not by vehicle
)

// Road is one road of the network, drawn as a line.
type Road struct {
	ID     string
	Line   orb.LineString
	Class  string // value of OpenStreetMap's key highway, or one like it
	Name   string // Chinese, or the local one
	NameEn string
	// Direction counts for profiles that obey one-way streets.
	Direction Direction
	// MaxSpeed is the legal limit in km/h; 0 where it is not known.
	MaxSpeed   float64
	Access     Access
	Roundabout bool
}
