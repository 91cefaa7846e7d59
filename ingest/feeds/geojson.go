package feeds

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"onecity/geo"

	"github.com/paulmach/orb/geojson"
)

var (
	errNotFeatures = errors.New("expected a GeoJSON FeatureCollection (RFC 7946)")
	errOtherCRS    = errors.New("the file declares another coordinate system than the contract")
)

// feature is one feature as it stands in the file.
type feature struct {
	Type       string                     `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Geometry   json.RawMessage            `json:"geometry"`
}

// readGeoJSON reads a FeatureCollection: a feature is a row, its properties
// are the cells. A feature that cannot be read is a broken row.
func readGeoJSON(data []byte, c *Contract) (*table, error) {
	var file struct {
		Type     string            `json:"type"`
		Features []json.RawMessage `json:"features"`
		CRS      *struct {
			Properties struct {
				Name string `json:"name"`
			} `json:"properties"`
		} `json:"crs"` // of the 2008 form; RFC 7946 has none
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, bomUTF8), &file); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotFeatures, err)
	}
	if file.Type != "FeatureCollection" {
		return nil, fmt.Errorf("%w: the type is %q", errNotFeatures, file.Type)
	}
	if len(file.Features) > maxRows {
		return nil, errTooManyRows
	}
	if file.CRS != nil {
		if err := sameCRS(file.CRS.Properties.Name, c.CRS); err != nil {
			return nil, err
		}
	}
	return tableOfFeatures(file.Features), nil
}

// sameCRS compares a name such as "urn:ogc:def:crs:EPSG::4549" with the
// contract's system. CRS84, WGS 84 and CGCS2000 are the same numbers.
func sameCRS(name string, declared geo.CRS) error {
	same := func(c geo.CRS) geo.CRS {
		if c == 0 || c == geo.WGS84 {
			return geo.CGCS2000
		}
		return c
	}
	got := geo.WGS84
	if !strings.HasSuffix(strings.ToUpper(name), "CRS84") {
		code := name[strings.LastIndexByte(name, ':')+1:]
		var err error
		if got, err = geo.ParseCRS("EPSG:" + code); err != nil {
			return fmt.Errorf("the file's crs %q: %w", name, err)
		}
	}
	if same(got) != same(declared) {
		return fmt.Errorf("%w: %s, not %s", errOtherCRS, got, declared)
	}
	return nil
}

// tableOfFeatures makes the table; its header is every property that any
// feature has, by name.
func tableOfFeatures(features []json.RawMessage) *table {
	t := &table{format: "geojson"}
	column := map[string]int{}
	parsed := make([]feature, len(features))
	broken := make([]string, len(features))
	for i, raw := range features {
		if err := json.Unmarshal(raw, &parsed[i]); err != nil {
			broken[i] = err.Error()
		} else if parsed[i].Type != "Feature" {
			broken[i] = fmt.Sprintf("the type is %q, not Feature", parsed[i].Type)
		}
		for name := range parsed[i].Properties {
			column[name] = 0
		}
	}
	for i, name := range slices.Sorted(maps.Keys(column)) {
		column[name] = i
		t.header = append(t.header, head{path: []string{name}})
	}
	for i := range parsed {
		t.rows = append(t.rows, rowOfFeature(i+1, features[i], &parsed[i], broken[i], column))
	}
	return t
}

func rowOfFeature(number int, raw json.RawMessage, f *feature, broken string, column map[string]int) row {
	r := row{number: number, raw: raw, broken: broken, cells: make([]string, len(column))}
	if broken != "" {
		return r
	}
	for name, value := range f.Properties {
		text, err := scalar(value)
		if err != nil {
			r.broken = fmt.Sprintf("properties.%s: %v", name, err)
		}
		r.cells[column[name]] = text
	}
	if len(f.Geometry) == 0 || string(f.Geometry) == "null" {
		return r
	}
	g, err := geojson.UnmarshalGeometry(f.Geometry)
	if err != nil {
		r.broken = "geometry: " + err.Error()
		return r
	}
	r.place = g.Geometry()
	return r
}

// scalar is the text of a JSON value that may stand in a cell.
func scalar(raw json.RawMessage) (string, error) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", nil
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case raw[0] == '{' || raw[0] == '[':
		return "", errors.New("expected one value, not a list or an object")
	}
	return string(raw), nil // number, true, false
}
