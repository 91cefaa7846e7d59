package citymodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// Mapping declares how a file's columns or tags become objects. It is data: a
// city may keep its own as JSON (LoadMapping) beside its files.
type Mapping struct {
	// Rules say what becomes what; the first that fits wins. A feature that
	// fits none is skipped.
	Rules []Rule `json:"rules"`
	// The columns that hold a value, the first filled one wins.
	ID     []string `json:"id,omitempty"`
	Name   []string `json:"name,omitempty"`
	NameEn []string `json:"nameEn,omitempty"`
	// Height and Base in metres; Levels and MinLevel count storeys of
	// LevelHeight metres (3 when 0), used where Height or Base is missing.
	Height      []string `json:"height,omitempty"`
	Base        []string `json:"base,omitempty"`
	Levels      []string `json:"levels,omitempty"`
	MinLevel    []string `json:"minLevel,omitempty"`
	LevelHeight float64  `json:"levelHeight,omitempty"`
	// Code is a region's code; "-" and " " are taken out of it ("AD-02").
	Code []string `json:"code,omitempty"`
	// AdminLevel holds a region's level, which AdminLevels translates (OSM
	// admin_level "6" → city). With no AdminLevels the values that occur are
	// put in order, the smallest being the city.
	AdminLevel  []string             `json:"adminLevel,omitempty"`
	AdminLevels map[string]geo.Level `json:"adminLevels,omitempty"`
	// Keep lists the columns that go into Attributes as they are; "*" is all.
	Keep []string `json:"keep,omitempty"`
}

// Rule is one line of a Mapping.
type Rule struct {
	// Key is the column that is looked at, and Values what it must hold; no
	// Values means anything but "" and "no"; no Key means any feature.
	Key    string   `json:"key,omitempty"`
	Values []string `json:"values,omitempty"`
	// Shape limits the rule to "point", "line" or "area".
	Shape string    `json:"shape,omitempty"`
	Layer cim.Layer `json:"layer"`
	// Class is the CityJSON 2.0 type; empty takes the layer's usual one.
	Class string `json:"class,omitempty"`
	// Kind is fixed, or read from KindFrom (Key when empty); Kinds renames.
	Kind     string            `json:"kind,omitempty"`
	KindFrom string            `json:"kindFrom,omitempty"`
	Kinds    map[string]string `json:"kinds,omitempty"`
}

// LoadMapping reads a Mapping from a JSON file and checks it.
func LoadMapping(path string) (*Mapping, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load mapping: %w", err)
	}
	defer f.Close()
	m, err := parseMapping(f)
	if err != nil {
		return nil, fmt.Errorf("load mapping %s: %w", path, err)
	}
	return m, nil
}

// maxMapping is the largest mapping file, in bytes.
const maxMapping = 1 << 20

func parseMapping(r io.Reader) (*Mapping, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxMapping+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxMapping {
		return nil, fmt.Errorf("it is larger than %d bytes", maxMapping)
	}
	var m Mapping
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields() // a misspelt "shape" would take everything
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something stands after the mapping")
	}
	for i, r := range m.Rules {
		if !slices.Contains([]string{"", "point", "line", "area"}, r.Shape) {
			return nil, fmt.Errorf("rule %d: shape %q is not point, line or area", i+1, r.Shape)
		}
		if !importable.Has(r.Layer) {
			return nil, fmt.Errorf("rule %d: layer %s is not filled by imports", i+1, r.Layer)
		}
	}
	if len(m.Rules) == 0 {
		return nil, errors.New("it has no rules")
	}
	if !(m.LevelHeight >= 0 && m.LevelHeight <= 100) {
		return nil, fmt.Errorf("levelHeight %g is no height of a storey; expected 0 (3 m) to 100 m", m.LevelHeight)
	}
	for column, l := range m.AdminLevels {
		if l < geo.LevelCity || l > geo.LevelGrid {
			return nil, fmt.Errorf("adminLevels: %s: %d is no level; expected %d (city) to %d (grid)", quoteShort(column), l, geo.LevelCity, geo.LevelGrid)
		}
	}
	return &m, nil
}

// importable are the layers that files may fill.
var importable = cim.LayersOf(cim.LayerRegions, cim.LayerWater, cim.LayerRoads, cim.LayerBuildings, cim.LayerPlaces, cim.LayerComponents)

// classes is the CityJSON 2.0 type that a layer's things usually have; "+" is
// how the standard marks an extension's type.
var classes = map[cim.Layer]string{
	cim.LayerWater:      "WaterBody",
	cim.LayerRoads:      "Road",
	cim.LayerBuildings:  "Building",
	cim.LayerPlaces:     "+Place",
	cim.LayerComponents: "CityFurniture",
}

// fits says whether the rule takes a feature with these tags.
func (r *Rule) fits(tags map[string]string) bool {
	if r.Key == "" {
		return true
	}
	v := tags[r.Key]
	if len(r.Values) == 0 {
		return v != "" && v != "no"
	}
	return slices.Contains(r.Values, v)
}

// rule finds the first rule among layers that takes the feature.
func (m *Mapping) rule(layers cim.Layers, tags map[string]string, shape string) *Rule {
	for i := range m.Rules {
		r := &m.Rules[i]
		if layers.Has(r.Layer) && (r.Shape == "" || shape == "" || r.Shape == shape) && r.fits(tags) {
			return r
		}
	}
	return nil
}

func (r *Rule) kind(tags map[string]string) string {
	if r.Kind != "" {
		return r.Kind
	}
	from := r.KindFrom
	if from == "" {
		from = r.Key
	}
	k := tags[from]
	if to, ok := r.Kinds[k]; ok {
		return to
	}
	return k
}

func first(tags map[string]string, keys []string) string {
	for _, k := range keys {
		if v := tags[k]; v != "" {
			return v
		}
	}
	return ""
}

// shapeOf is "point", "line", "area" or "mixed"; "" for none.
func shapeOf(g orb.Geometry) string {
	switch g.(type) {
	case nil:
		return ""
	case orb.Point, orb.MultiPoint:
		return "point"
	case orb.LineString, orb.MultiLineString:
		return "line"
	case orb.Ring, orb.Polygon, orb.MultiPolygon, orb.Bound:
		return "area"
	}
	return "mixed"
}
