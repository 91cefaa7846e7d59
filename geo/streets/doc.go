// Package streets is the street network 路网 as one drives it: made of the lines
// of a city's roads, it finds the quickest way from place to place, who is
// nearest to a place in travel time, and says the way in words.
//
// [Tags] reads what OpenStreetMap says of a road into a [Road]; [New] joins
// Roads that share a corner into a [Network] for one [Profile] (a car, a
// bicycle). A Network is immutable and safe for concurrent use: where roads
// change, another is made. [Network.Snap] finds where a place touches the
// streets, [Network.Route] the way between two such spots, [Network.Nearest]
// visits many of them from one place outwards, over the reversed streets, until
// the caller has enough.
//
// Coordinates are CGCS2000 lon, lat in degrees; lengths metres, times seconds.
// Not known to it: restrictions of turns, traffic, height.
package streets
