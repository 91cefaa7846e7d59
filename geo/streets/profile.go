package streets

// Profile is how something moves along the streets.
type Profile struct {
	// Speeds are km/h by class of road. What is not named is driven at Other; 0
	// is not at all.
	Speeds map[string]float64
	Other  float64
	// Limit is the share of a legal limit that is driven on the whole, where one
	// is known: a sign tells more than the class. 0: limits are not looked at.
	Limit float64
	// Private is the highest speed, km/h, on roads with Access Private; 0 is no
	// other than elsewhere.
	Private float64
	// Wheels obeys one-way streets and closed roads.
	Wheels bool
	// Walk is the speed in m/s between the streets and a place off them, as the
	// crow flies.
	Walk float64
}

// walking is a brisk 1.4 m/s, less for the ways round.
const walking = 1.1

// Car is a car in a city. The speeds are those of OSRM's profile of a car (The
// Project OSRM, profiles/car.lua, BSD 2-Clause), which are measured against real
// drives, and so is the share of the limit; service roads and what lies below
// them are slower here.
func Car() Profile {
	return Profile{
		Speeds: map[string]float64{
			"motorway": 90, "motorway_link": 45, "trunk": 85, "trunk_link": 40,
			"primary": 65, "primary_link": 30, "secondary": 55, "secondary_link": 25,
			"tertiary": 40, "tertiary_link": 20, "unclassified": 25, "residential": 25,
			"living_street": 10, "road": 20, "busway": 25, "service": 12, "track": 8,
			"path": 0, "footway": 0, "pedestrian": 0, "steps": 0, "cycleway": 0, "bridleway": 0, "corridor": 0, "construction": 0, "proposed": 0,
		},
		Other: 20, Limit: 0.8, Private: 8, Wheels: true, Walk: walking,
	}
}

// Cycle is a grid worker's electric bicycle, pushed where it must be: 15 km/h is
// what a patrol comes to, below the 25 km/h that GB 17761 allows. It is not bound by one-way streets for cars.
func Cycle() Profile {
	return Profile{
		Speeds: map[string]float64{
			"motorway": 0, "motorway_link": 0, "trunk": 12, "trunk_link": 12, "construction": 0, "proposed": 0,
			"path": 6, "footway": 5, "pedestrian": 6, "steps": 1.5, "bridleway": 5, "track": 10, "corridor": 4,
			"living_street": 10,
		},
		Other: 15, Walk: walking,
	}
}

// speed is how fast r is driven, in m/s; 0 is not at all.
func (p *Profile) speed(r *Road) float64 {
	v, known := p.Speeds[r.Class]
	if !known {
		v = p.Other
	}
	if p.Wheels && r.Access == Closed {
		return 0
	}
	if p.Limit > 0 && r.MaxSpeed > 0 && v > 0 {
		v = r.MaxSpeed * p.Limit
	}
	if r.Access == Private && p.Private > 0 {
		v = min(v, p.Private)
	}
	return v / 3.6
}
