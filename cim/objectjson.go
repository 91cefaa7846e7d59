package cim

import (
	"encoding/json"
	"fmt"

	"onecity/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// objectJSON is an Object on the wire: what a sender says, the geometry as
// GeoJSON (RFC 7946, 3.1).
type objectJSON struct {
	ID         string            `json:"id"`
	Layer      Layer             `json:"layer"`
	Class      string            `json:"class,omitempty"`
	Kind       string            `json:"kind,omitempty"`
	Name       string            `json:"name,omitempty"`
	NameEn     string            `json:"nameEn,omitempty"`
	Geometry   *geojson.Geometry `json:"geometry"`
	Height     float32           `json:"height,omitempty"`
	Base       float32           `json:"base,omitempty"`
	Region     geo.Code          `json:"region,omitempty"`
	Grade      Grade             `json:"grade,omitempty"`
	Source     string            `json:"source,omitempty"`
	Made       bool              `json:"made,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// MarshalJSON writes the geometry as GeoJSON. Equal objects make equal bytes.
func (o Object) MarshalJSON() ([]byte, error) {
	w := objectJSON{
		ID: o.ID, Layer: o.Layer, Class: o.Class, Kind: o.Kind, Name: o.Name, NameEn: o.NameEn,
		Height: o.Height, Base: o.Base, Region: o.Region, Grade: o.Grade,
		Source: o.Source, Made: o.Made, Attributes: o.Attributes,
	}
	if o.Geometry != nil {
		w.Geometry = geojson.NewGeometry(plain(o.Geometry))
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (o *Object) UnmarshalJSON(b []byte) error {
	var w objectJSON
	if err := json.Unmarshal(b, &w); err != nil {
		return fmt.Errorf("object: %w", err)
	}
	*o = Object{
		ID: w.ID, Layer: w.Layer, Class: w.Class, Kind: w.Kind, Name: w.Name, NameEn: w.NameEn,
		Height: w.Height, Base: w.Base, Region: w.Region, Grade: w.Grade,
		Source: w.Source, Made: w.Made, Attributes: w.Attributes,
	}
	if w.Geometry != nil {
		o.Geometry = w.Geometry.Geometry()
	}
	return nil
}

// plain is g as one of the geometries of GeoJSON: a ring or a bound is a polygon.
func plain(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.Ring:
		return orb.Polygon{g}
	case orb.Bound:
		return g.ToPolygon()
	}
	return g
}
