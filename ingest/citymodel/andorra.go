package citymodel

import (
	"onecity/cim"
	"onecity/geo"
)

// Andorra is how the country's OpenStreetMap extract becomes a city: the
// country (admin_level 2, code AD) is the city, its seven parishes (admin_level 7,
// ISO 3166-2 codes AD02 … AD08) are the districts, and what does not touch the
// country stays out.
func Andorra() Options {
	m := OSMMapping()
	m.AdminLevels = map[string]geo.Level{"2": geo.LevelCity, "7": geo.LevelDistrict}
	return Options{Layers: cim.AllLayers, Mapping: m, WithinRegions: true}
}
