package cim

import (
	"math"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// levelByHash spreads points over the levels: three quarters to the last, a
// quarter of the rest to the one above, and so on; the hash's lower half, the
// rank, orders within a level.
func levelByHash(hash uint64) (level int, rank uint32) {
	return max(0, levels-1-bits.TrailingZeros32(uint32(hash>>32))/2), uint32(hash)
}

// hashOf is the xxHash64 of an ID.
func hashOf(id string) uint64 { return xxhash.Sum64String(id) }

// topArea is the area from which a polygon is of level 0, in square world
// units: about 64 km² in the middle latitudes; the last level then begins at
// 250 m², a small building.
const topArea = 1e12

// topLength is the same for a line without a known class: about 16 km.
const topLength = 2e6

// roadLevels by the values of OpenStreetMap's key highway; places by place;
// waterways by waterway.
var kindLevels = map[Layer]map[string]int{
	LayerRoads: {
		"motorway": 0, "trunk": 0, "motorway_link": 3, "trunk_link": 3,
		"primary": 1, "primary_link": 4, "secondary": 2, "secondary_link": 4,
		"tertiary": 3, "tertiary_link": 5, "unclassified": 5, "residential": 5,
		"living_street": 6, "service": 7, "track": 7, "pedestrian": 7,
		"cycleway": 8, "footway": 9, "path": 9, "steps": 9,
	},
	LayerPlaces: {
		"country": 0, "city": 0, "town": 1, "borough": 2, "suburb": 3, "quarter": 3,
		"village": 4, "neighbourhood": 5, "hamlet": 6, "isolated_dwelling": 7, "locality": 7,
	},
	LayerWater: {"river": 1, "canal": 2, "stream": 5, "drain": 7, "ditch": 8},
}

// levelOf says how important o, whose ID has that hash, is: 0 the most. Large
// polygons and main roads come first, points without a known class are spread
// by the hash.
func levelOf(o *Object, hash uint64, shape *Shape) int {
	if shape.Kind == Polygons {
		return byPower(topArea/max(1, shape.Area), 4)
	}
	if l, ok := kindLevels[o.Layer][o.Kind]; ok {
		return l
	}
	if shape.Kind == Lines {
		return byPower(topLength/max(1, shape.Length), 2)
	}
	level, _ := levelByHash(hash)
	return level
}

// byPower is the level of something that is ratio times smaller than level 0
// starts at, when each level is base times smaller than the one above.
func byPower(ratio, base float64) int {
	if ratio <= 1 {
		return 0
	}
	return min(levels-1, int(math.Ceil(math.Log(ratio)/math.Log(base))))
}
