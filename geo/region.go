package geo

import "github.com/paulmach/orb"

// Region 区域 is one node of the administrative tree.
type Region struct {
	Code   Code   `json:"code"`
	Name   string `json:"name"`
	NameEn string `json:"nameEn,omitempty"`
	Level  Level  `json:"level"`
	Parent Code   `json:"parent,omitempty"`
	// Geometry in CGCS2000 lon, lat; empty when none is known. In JSON it is
	// "geometry", a GeoJSON MultiPolygon (RFC 7946, 3.1.7).
	Geometry orb.MultiPolygon `json:"-"`
	Centre   orb.Point        `json:"centre"`
	// Made says that the geometry was made by the program, not surveyed.
	Made bool `json:"made,omitempty"`
}
