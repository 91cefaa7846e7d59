package made

import (
	"onecity/geo"

	"github.com/paulmach/orb"
)

// Source is what every made object names as its source.
const Source = "made 模拟"

// Plan is what is known of a city before anything is made. Coordinates are lon,
// lat in CGCS2000.
type Plan struct {
	City         geo.Code
	Name, NameEn string
	Seed         uint64
	Border       orb.Ring // closed
	Towns        []Town
	Lakes        []Lake
	Rivers       []River
	// Motorways are roughly where they run; made ones have made names.
	Motorways []Motorway
	// Exits are places near the border where main roads leave the city.
	Exits []orb.Point
	// Ring is the radius in metres of a ring road about the first centre of the
	// first town; 0 makes none.
	Ring float64
}

// Town 区镇 is one area of the first level.
type Town struct {
	Code         geo.Code
	Name, NameEn string
	// Centres are the built-up places of the town, the main one first.
	Centres []Centre
}

// Centre is a built-up place with the villages around it.
type Centre struct {
	Name, NameEn string // of the place where it differs from the town
	At           orb.Point
	// Area is the share of the city that belongs to it, in km² or any other
	// unit that is the same for all.
	Area float64
	// Radius of the built-up part in metres.
	Radius float64
	// Villages lists those around it, the central ones first.
	Villages []Village
}

// Village 村、社区.
type Village struct {
	Code geo.Code
	Name string
}

// Lake is made as a rounded shape of these half-axes in metres.
type Lake struct {
	Name, NameEn string
	At           orb.Point
	East, North  float64
}

// River is made along its way points, Width metres wide.
type River struct {
	Name, NameEn string
	Width        float64
	Way          orb.LineString
}

// Motorway is made along its way points.
type Motorway struct {
	Name string
	Way  orb.LineString
}
