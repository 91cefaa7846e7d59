package citymodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/paulmach/orb"
)

// jsonGeometry is a GeoJSON geometry object, RFC 7946, 3.1.
type jsonGeometry struct {
	Type        string            `json:"type"`
	Coordinates json.RawMessage   `json:"coordinates,omitempty"`
	Geometries  []json.RawMessage `json:"geometries,omitempty"`
}

// geometryOf reads a geometry; nil and no reason is a feature without one.
// Heights (a third number) are dropped; anything else that is not as the RFC
// says is a reason, where package orb would fill in zeros.
func geometryOf(raw json.RawMessage) (orb.Geometry, *Reason) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	g, err := decodeGeometry(raw, 0)
	if err != nil {
		return nil, because("malformed", "its geometry: %v", err)
	}
	return g, nil
}

func decodeGeometry(raw json.RawMessage, depth int) (orb.Geometry, error) {
	var g jsonGeometry
	if err := json.Unmarshal(raw, &g); err != nil {
		return nil, err
	}
	if g.Type == "GeometryCollection" {
		if depth > 3 {
			return nil, errors.New("collections stand in collections more than three deep")
		}
		c := make(orb.Collection, 0, len(g.Geometries))
		for _, r := range g.Geometries {
			m, err := decodeGeometry(r, depth+1)
			if err != nil {
				return nil, err
			}
			c = append(c, m)
		}
		return c, nil
	}
	if len(g.Coordinates) == 0 {
		return nil, fmt.Errorf("a %s has no coordinates", quoteShort(g.Type))
	}
	p := &coordinates{b: g.Coordinates}
	out, err := p.geometry(g.Type)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.Type, err)
	}
	return out, nil
}

// coordinates walks nested arrays of numbers in text that is known to be valid
// JSON. It is several times faster than decoding into slices.
type coordinates struct {
	b []byte
	i int
}

func (c *coordinates) geometry(kind string) (orb.Geometry, error) {
	switch kind {
	case "Point":
		return c.point()
	case "MultiPoint":
		ps, err := list(c, (*coordinates).point)
		return orb.MultiPoint(ps), err
	case "LineString":
		ps, err := list(c, (*coordinates).point)
		return orb.LineString(ps), err
	case "MultiLineString":
		ls, err := list(c, (*coordinates).line)
		return orb.MultiLineString(ls), err
	case "Polygon":
		return c.polygon()
	case "MultiPolygon":
		ps, err := list(c, (*coordinates).polygon)
		return orb.MultiPolygon(ps), err
	}
	return nil, errors.New("no such type of geometry")
}

func (c *coordinates) line() (orb.LineString, error) { return list(c, (*coordinates).point) }

func (c *coordinates) ring() (orb.Ring, error) { return list(c, (*coordinates).point) }

func (c *coordinates) polygon() (orb.Polygon, error) { return list(c, (*coordinates).ring) }

// next skips blanks and gives the next byte, 0 at the end.
func (c *coordinates) next() byte {
	for c.i < len(c.b) {
		switch b := c.b[c.i]; b {
		case ' ', '\t', '\r', '\n':
			c.i++
		default:
			return b
		}
	}
	return 0
}

func list[T any](c *coordinates, one func(*coordinates) (T, error)) ([]T, error) {
	if c.next() != '[' {
		return nil, fmt.Errorf("expected an array at byte %d of its coordinates", c.i)
	}
	c.i++
	var out []T
	if c.next() == ']' {
		c.i++
		return out, nil
	}
	for {
		v, err := one(c)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		switch c.next() {
		case ',':
			c.i++
		case ']':
			c.i++
			return out, nil
		default:
			return nil, fmt.Errorf("expected , or ] at byte %d of its coordinates", c.i)
		}
	}
}

func (c *coordinates) point() (orb.Point, error) {
	var p orb.Point
	start := c.i
	n := 0
	_, err := list(c, func(c *coordinates) (struct{}, error) {
		v, err := c.number()
		if n < 2 {
			p[n] = v
		}
		n++
		return struct{}{}, err
	})
	if err == nil && n < 2 {
		err = fmt.Errorf("the position at byte %d of its coordinates has %d numbers, it needs 2", start, n)
	}
	return p, err
}

func (c *coordinates) number() (float64, error) {
	c.next()
	from := c.i
	for c.i < len(c.b) {
		switch b := c.b[c.i]; {
		case b >= '0' && b <= '9', b == '-', b == '+', b == '.', b == 'e', b == 'E':
			c.i++
			continue
		}
		break
	}
	v, err := strconv.ParseFloat(string(c.b[from:c.i]), 64)
	if err != nil {
		return 0, fmt.Errorf("expected a number at byte %d of its coordinates", from)
	}
	return v, nil
}
