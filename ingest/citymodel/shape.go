package citymodel

import (
	"onecity/cim"

	"github.com/paulmach/orb"
)

// tidy makes a copy of g with every point converted and rounded, points that
// repeat in a row taken out, and rings wound as RFC 7946 asks.
func tidy(g orb.Geometry, convert func(orb.Point) orb.Point) orb.Geometry {
	at := func(p orb.Point) orb.Point {
		p = convert(p)
		return orb.Point{round7(p[0]), round7(p[1])}
	}
	line := func(ps []orb.Point) []orb.Point {
		out := make([]orb.Point, 0, len(ps))
		for _, p := range ps {
			if p = at(p); len(out) == 0 || out[len(out)-1] != p {
				out = append(out, p)
			}
		}
		return out
	}
	polygon := func(p orb.Polygon) orb.Polygon {
		out := make(orb.Polygon, 0, len(p))
		for i, r := range p {
			o := orb.CW
			if i == 0 {
				o = orb.CCW
			}
			out = append(out, wind(orb.Ring(line(r)), o))
		}
		return out
	}
	switch g := g.(type) {
	case orb.Point:
		return at(g)
	case orb.MultiPoint:
		return orb.MultiPoint(line(g))
	case orb.LineString:
		return orb.LineString(line(g))
	case orb.MultiLineString:
		out := make(orb.MultiLineString, len(g))
		for i, l := range g {
			out[i] = line(l)
		}
		return out
	case orb.Ring:
		return polygon(orb.Polygon{g})
	case orb.Polygon:
		return polygon(g)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(g))
		for i, p := range g {
			out[i] = polygon(p)
		}
		return out
	case orb.Collection:
		out := make(orb.Collection, len(g))
		for i, p := range g {
			out[i] = tidy(p, convert)
		}
		return out
	}
	return g
}

// eachPoint calls do for every point of g until it says no.
func eachPoint(g orb.Geometry, do func(orb.Point) bool) bool {
	all := func(ps []orb.Point) bool {
		for _, p := range ps {
			if !do(p) {
				return false
			}
		}
		return true
	}
	switch g := g.(type) {
	case orb.Point:
		return do(g)
	case orb.MultiPoint:
		return all(g)
	case orb.LineString:
		return all(g)
	case orb.Ring:
		return all(g)
	case orb.MultiLineString:
		for _, l := range g {
			if !all(l) {
				return false
			}
		}
	case orb.Polygon:
		for _, r := range g {
			if !all(r) {
				return false
			}
		}
	case orb.MultiPolygon:
		for _, p := range g {
			if !eachPoint(p, do) {
				return false
			}
		}
	case orb.Collection:
		for _, p := range g {
			if !eachPoint(p, do) {
				return false
			}
		}
	}
	return true
}

// fit gives a geometry the shape that its layer draws: buildings are areas,
// roads and water lines or areas, places and components points (an area becomes
// a point within it). A multi-geometry of one becomes the one.
func fit(l cim.Layer, g orb.Geometry) (orb.Geometry, *Reason) {
	g = single(g)
	switch shape := shapeOf(g); {
	case l == cim.LayerBuildings && shape == "area",
		l == cim.LayerRoads && (shape == "line" || shape == "area"),
		l == cim.LayerWater && (shape == "area" || shape == "line"):
		return g, nil
	case l == cim.LayerPlaces || l == cim.LayerComponents:
		switch g := g.(type) {
		case orb.Point:
			return g, nil
		case orb.Polygon:
			return inside(g[0]), nil
		case orb.MultiPolygon:
			return inside(g[0][0]), nil
		}
	}
	return nil, because("wrong-geometry", "a %s cannot stand in layer %s", g.GeoJSONType(), l)
}

func single(g orb.Geometry) orb.Geometry {
	switch m := g.(type) {
	case orb.MultiPoint:
		if len(m) == 1 {
			return m[0]
		}
	case orb.MultiLineString:
		if len(m) == 1 {
			return m[0]
		}
	case orb.MultiPolygon:
		if len(m) == 1 {
			return m[0]
		}
	case orb.Collection:
		if len(m) == 1 {
			return single(m[0])
		}
	}
	return g
}
