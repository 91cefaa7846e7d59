package citymodel

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// geojsonReader reads GeoJSON (RFC 7946) as a stream: a FeatureCollection, one
// Feature, or any number of Features one after another (GeoJSONSeq, RFC 8142,
// with or without record separators). The "crs" member of GeoJSON 2008 is read
// where it stands before the features; many Chinese files have one.
type geojsonReader struct {
	in    io.Reader
	max   int64 // bytes of one feature
	count func() int64

	name  string // of the CRS
	limit *limiter
	n     int // features so far
}

func (r *geojsonReader) crs() string { return r.name }

func (r *geojsonReader) read(ctx context.Context, to features) error {
	r.limit = &limiter{in: r.in, left: r.max, limit: r.max, what: "one feature"}
	in := bufio.NewReaderSize(r.limit, sniffBytes)
	head, err := peek(in, sniffBytes)
	if err != nil {
		return err
	}
	if sep, ok := sequence(head); ok {
		return r.sequence(ctx, in, sep, to)
	}
	d := json.NewDecoder(&clean{in: in})
	for values := 0; ; values++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := d.Token()
		if errors.Is(err, io.EOF) && values > 0 {
			return nil
		}
		if err == nil && t != json.Delim('{') {
			err = fmt.Errorf("expected a GeoJSON object, found %v", t)
		}
		if err == nil {
			err = r.value(d, to)
		}
		if err != nil {
			return r.broken(d, err)
		}
	}
}

// broken adds where it broke to an error of the file itself.
func (r *geojsonReader) broken(d *json.Decoder, err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the file ends in the middle of feature %d, at byte %d: it is cut short", r.n+1, d.InputOffset())
	case errors.As(err, &syntax):
		return fmt.Errorf("broken JSON in feature %d, near byte %d: %w", r.n+1, d.InputOffset(), err)
	}
	return err
}

// value reads the rest of a top-level object, whose members may come in any
// order; "features" is read as a stream, the others are kept until its end.
func (r *geojsonReader) value(d *json.Decoder, to features) error {
	var f jsonFeature
	streamed := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if key == "features" {
			if streamed {
				return errors.New(`it has two "features" members`)
			}
			streamed = true
			if err := r.collection(d, to); err != nil {
				return err
			}
			continue
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		switch key {
		case "type":
			_ = json.Unmarshal(raw, &f.Type)
		case "crs":
			if err := r.setCRS(raw, streamed); err != nil {
				return err
			}
		case "id":
			f.ID = raw
		case "geometry":
			f.Geometry = raw
		case "properties":
			f.Properties = raw
		case "coordinates":
			f.coordinates = raw
		case "geometries":
			f.geometries = raw
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	r.limit.renew()
	switch {
	case streamed:
		return nil
	case f.Type == "Feature":
		return r.feature(&f, to)
	case f.Type == "FeatureCollection":
		return errors.New(`the FeatureCollection has no "features"`)
	}
	f.bare()
	return r.feature(&f, to)
}

func (r *geojsonReader) collection(d *json.Decoder, to features) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		return fmt.Errorf(`"features" is not an array but %v`, t)
	}
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		var f jsonFeature
		if err := json.Unmarshal(raw, &f); err != nil {
			r.n++
			if err := to.reject("", r.place(), because("malformed", "it is no feature: %v", err)); err != nil {
				return err
			}
			continue
		}
		r.limit.renew()
		if err := r.feature(&f, to); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

func (r *geojsonReader) place() string { return "feature " + strconv.Itoa(r.n) }

func (r *geojsonReader) feature(f *jsonFeature, to features) error {
	r.n++
	if r.n%64 == 0 {
		to.at(r.count())
	}
	id, err := idText(f.ID)
	if err != nil {
		return to.reject("", r.place(), because("malformed", "its id: %v", err))
	}
	if f.Type != "Feature" {
		return to.reject(id, r.place(), because("malformed", "its type is %s, not Feature", quoteShort(f.Type)))
	}
	tags, err := tagsOf(f.Properties)
	if err != nil {
		return to.reject(id, r.place(), because("malformed", "its properties: %v", err))
	}
	g, why := geometryOf(f.Geometry)
	if why != nil {
		return to.reject(id, r.place(), why)
	}
	return to.feature(Feature{ID: id, Place: r.place(), Geometry: g, Tags: tags})
}

// setCRS reads {"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4549"}}.
func (r *geojsonReader) setCRS(raw json.RawMessage, late bool) error {
	var crs *struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(raw, &crs); err != nil {
		return fmt.Errorf(`its "crs" member: %w`, err)
	}
	if crs == nil || crs.Properties.Name == "" {
		return nil
	}
	if late && crs.Properties.Name != r.name && r.n > 0 {
		return fmt.Errorf("it names its coordinate system (%s) after its features; declare it with the import", crs.Properties.Name)
	}
	r.name = crs.Properties.Name
	return nil
}

type jsonFeature struct {
	Type        string          `json:"type"`
	ID          json.RawMessage `json:"id"`
	Geometry    json.RawMessage `json:"geometry"`
	Properties  json.RawMessage `json:"properties"`
	coordinates json.RawMessage
	geometries  json.RawMessage
}

// bare makes a feature of a geometry that stands for itself.
func (f *jsonFeature) bare() {
	if f.coordinates == nil && f.geometries == nil {
		return
	}
	g := jsonGeometry{Type: f.Type, Coordinates: f.coordinates}
	if f.geometries != nil {
		_ = json.Unmarshal(f.geometries, &g.Geometries)
	}
	f.Geometry, _ = json.Marshal(g)
	f.Type = "Feature"
}

func idText(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	return scalar(raw)
}

// scalar is a JSON string, number or boolean as text.
func scalar(raw json.RawMessage) (string, error) {
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case '{', '[':
		return "", errors.New("it is neither text nor a number")
	}
	return string(raw), nil
}

// tagsOf makes text of properties: null is left out, objects and arrays stay
// JSON.
func tagsOf(raw json.RawMessage) (map[string]string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var props map[string]json.RawMessage
	if err := json.Unmarshal(raw, &props); err != nil {
		return nil, err
	}
	tags := make(map[string]string, len(props))
	for k, v := range props {
		if string(v) == "null" {
			continue
		}
		s, err := scalar(v)
		if err != nil {
			s = string(v)
		}
		if s = strings.TrimSpace(s); s != "" {
			tags[k] = s
		}
	}
	return tags, nil
}

// clean takes away what may stand between JSON texts but is no JSON: the byte
// order mark at the beginning, and the record separators of RFC 8142.
type clean struct {
	in    io.Reader
	begun bool
}

func (c *clean) Read(p []byte) (int, error) {
	if !c.begun && len(p) >= 3 {
		c.begun = true
		n, err := io.ReadFull(c.in, p[:3])
		if err == io.ErrUnexpectedEOF {
			err = nil
		}
		if bytes.HasPrefix(p[:n], []byte("\xef\xbb\xbf")) {
			copy(p, "   ")
		}
		return blank(p[:n]), err
	}
	n, err := c.in.Read(p)
	return blank(p[:n]), err
}

// blank puts spaces for record separators, which JSON text never holds raw.
func blank(p []byte) int {
	for i, b := range p {
		if b == 0x1e {
			p[i] = ' '
		}
	}
	return len(p)
}
