package cityapi

import (
	"context"
	"net/url"

	"onecity/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// City is GET /api/v1/city.
type City struct {
	Code     geo.Code   `json:"code"`
	Name     string     `json:"name"`
	TimeZone string     `json:"timeZone"`
	BBox     [4]float64 `json:"bbox"` // west, south, east, north
	Centre   orb.Point  `json:"centre"`
}

// City says which city the server is.
func (c *Client) City(ctx context.Context) (city City, err error) {
	return city, c.get(ctx, "/api/v1/city", &city)
}

// Place is one region of GET /api/v1/regions.
type Place struct {
	Code   geo.Code  `json:"code"`
	Name   string    `json:"name"`
	Level  string    `json:"level"` // "city", "district", "village"
	Parent geo.Code  `json:"parent"`
	Centre orb.Point `json:"centre"`
}

// Places are the city, its districts and its villages; grids have no names that
// people use.
func (c *Client) Places(ctx context.Context) (all []Place, err error) {
	for _, level := range []string{"city", "district", "village"} {
		var r struct {
			Regions []Place `json:"regions"`
		}
		if err := c.get(ctx, "/api/v1/regions?limit=5000&level="+level, &r); err != nil {
			return nil, err
		}
		all = append(all, r.Regions...)
	}
	return all, nil
}

// Area is the area of one region; GET /api/v1/regions/{code}.
func (c *Client) Area(ctx context.Context, code geo.Code) (orb.MultiPolygon, error) {
	var r struct {
		Geometry geojson.Geometry `json:"geometry"`
	}
	if err := c.get(ctx, "/api/v1/regions/"+url.PathEscape(string(code)), &r); err != nil {
		return nil, err
	}
	switch g := r.Geometry.Coordinates.(type) {
	case orb.MultiPolygon:
		return g, nil
	case orb.Polygon:
		return orb.MultiPolygon{g}, nil
	}
	return nil, nil
}

// Class is one of GET /api/v1/incident-classes.
type Class struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Limit int    `json:"limitMinutes"`
}

// Classes are the classes of incidents.
func (c *Client) Classes(ctx context.Context) ([]Class, error) {
	var r struct {
		Classes []Class `json:"classes"`
	}
	return r.Classes, c.get(ctx, "/api/v1/incident-classes", &r)
}
