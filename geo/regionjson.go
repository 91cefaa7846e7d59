package geo

import (
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"
)

// plain is Region without its methods, so that encoding/json does not recurse.
type plain Region

// wireRegion is a Region as it travels: the geometry as GeoJSON.
type wireRegion struct {
	plain
	Geometry *wireGeometry `json:"geometry,omitempty"`
}

// wireGeometry is a GeoJSON geometry object (RFC 7946, 3.1).
type wireGeometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

// MarshalJSON adds the geometry as a GeoJSON MultiPolygon.
func (r Region) MarshalJSON() ([]byte, error) {
	w := wireRegion{plain: plain(r)}
	if len(r.Geometry) > 0 {
		at, err := json.Marshal(r.Geometry)
		if err != nil {
			return nil, fmt.Errorf("region %s: geometry: %w", r.Code, err)
		}
		w.Geometry = &wireGeometry{Type: "MultiPolygon", Coordinates: at}
	}
	return json.Marshal(w)
}

// UnmarshalJSON takes a GeoJSON MultiPolygon or Polygon as the geometry, or
// none at all. Any other geometry is an error: a region is an area.
func (r *Region) UnmarshalJSON(b []byte) error {
	var w wireRegion
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*r = Region(w.plain)
	if w.Geometry == nil {
		return nil
	}
	mp, err := w.Geometry.multiPolygon()
	if err != nil {
		return fmt.Errorf("region %s: geometry: %w", r.Code, err)
	}
	r.Geometry = mp
	return nil
}

func (g *wireGeometry) multiPolygon() (orb.MultiPolygon, error) {
	switch g.Type {
	case "MultiPolygon":
		var mp orb.MultiPolygon
		err := json.Unmarshal(g.Coordinates, &mp)
		return mp, err
	case "Polygon":
		var p orb.Polygon
		if err := json.Unmarshal(g.Coordinates, &p); err != nil {
			return nil, err
		}
		if len(p) == 0 {
			return nil, nil
		}
		return orb.MultiPolygon{p}, nil
	}
	return nil, fmt.Errorf("a %s is no area; expected MultiPolygon or Polygon", g.Type)
}
