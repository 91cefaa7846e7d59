package geo

import "github.com/paulmach/orb"

// Region 区域 is one node of the administrative tree.
type Region struct {
	Code     Code             `json:"code"`
	Name     string           `json:"name"`
	NameEn   string           `json:"nameEn,omitempty"`
	Level    Level            `json:"level"`
	Parent   Code             `json:"parent,omitempty"`
	Geometry orb.MultiPolygon `json:"-"`
	Centre   orb.Point        `json:"centre"`
	// Made says that the geometry was made by the program, not surveyed.
	Made bool `json:"made,omitempty"`
}

// Regions is an immutable tree of regions with a point index. The zero value
// is an empty tree. It is safe for concurrent use.
type Regions struct{}
