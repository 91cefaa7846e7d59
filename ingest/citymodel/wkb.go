package citymodel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// wkb reads Well-Known Binary: OGC 06-103r4, clause 8, with the Z and M codes of
// ISO 13249-3 (1000, 2000, 3000) and the flags of EWKB. Heights and measures
// are dropped. Counts are checked against the bytes that are there before
// anything is allocated.
func wkb(b []byte) (orb.Geometry, error) {
	r := wkbReader{b: b}
	g, err := r.geometry(0)
	if err != nil {
		return nil, fmt.Errorf("WKB at byte %d: %w", len(b)-len(r.b), err)
	}
	return g, nil
}

type wkbReader struct {
	b     []byte
	order binary.ByteOrder
	dims  int // numbers of a position
}

var errShort = errors.New("it ends too early")

func (r *wkbReader) uint32() (uint32, error) {
	if len(r.b) < 4 {
		return 0, errShort
	}
	v := r.order.Uint32(r.b)
	r.b = r.b[4:]
	return v, nil
}

// head reads byte order and type; it leaves the type without its dimensions.
func (r *wkbReader) head() (uint32, error) {
	if len(r.b) < 5 {
		return 0, errShort
	}
	switch r.b[0] {
	case 0:
		r.order = binary.BigEndian
	case 1:
		r.order = binary.LittleEndian
	default:
		return 0, fmt.Errorf("byte order %d", r.b[0])
	}
	r.b = r.b[1:]
	t, _ := r.uint32()
	r.dims = 2
	const z, m, srid = 1 << 31, 1 << 30, 1 << 29
	if t&z != 0 {
		r.dims++
	}
	if t&m != 0 {
		r.dims++
	}
	if t&srid != 0 {
		if _, err := r.uint32(); err != nil {
			return 0, err
		}
	}
	t &= 1<<29 - 1
	switch t / 1000 {
	case 1, 2:
		r.dims = 3
	case 3:
		r.dims = 4
	}
	return t % 1000, nil
}

// many reads a count, which can be no larger than what is left of the bytes.
func (r *wkbReader) many(atLeast int) (int, error) {
	n, err := r.uint32()
	if err != nil {
		return 0, err
	}
	if int64(n)*int64(atLeast) > int64(len(r.b)) {
		return 0, fmt.Errorf("it counts %d parts, %w", n, errShort)
	}
	return int(n), nil
}

func (r *wkbReader) point() (orb.Point, error) {
	size := 8 * r.dims
	if len(r.b) < size {
		return orb.Point{}, errShort
	}
	p := orb.Point{
		math.Float64frombits(r.order.Uint64(r.b)),
		math.Float64frombits(r.order.Uint64(r.b[8:])),
	}
	r.b = r.b[size:]
	return p, nil
}

func (r *wkbReader) points() ([]orb.Point, error) {
	n, err := r.many(8 * r.dims)
	if err != nil {
		return nil, err
	}
	ps := make([]orb.Point, n)
	for i := range ps {
		ps[i], _ = r.point()
	}
	return ps, nil
}

func (r *wkbReader) polygon() (orb.Polygon, error) {
	n, err := r.many(4)
	if err != nil {
		return nil, err
	}
	p := make(orb.Polygon, n)
	for i := range p {
		ring, err := r.points()
		if err != nil {
			return nil, err
		}
		p[i] = ring
	}
	return p, nil
}

func (r *wkbReader) geometry(depth int) (orb.Geometry, error) {
	t, err := r.head()
	if err != nil {
		return nil, err
	}
	switch t {
	case 1:
		p, err := r.point()
		return p, err
	case 2:
		ps, err := r.points()
		return orb.LineString(ps), err
	case 3:
		return r.polygon()
	case 4, 5, 6, 7:
		if depth > 3 {
			return nil, errors.New("collections stand in collections more than three deep")
		}
		n, err := r.many(9)
		if err != nil {
			return nil, err
		}
		parts := make(orb.Collection, n)
		for i := range parts {
			if parts[i], err = r.geometry(depth + 1); err != nil {
				return nil, err
			}
		}
		return gather(t, parts)
	}
	return nil, fmt.Errorf("geometry type %d cannot be read (curves and surfaces are not)", t)
}

// gather makes the multi-geometry that type t says of its parts.
func gather(t uint32, parts orb.Collection) (orb.Geometry, error) {
	var points orb.MultiPoint
	var lines orb.MultiLineString
	var areas orb.MultiPolygon
	for _, p := range parts {
		switch p := p.(type) {
		case orb.Point:
			points = append(points, p)
		case orb.LineString:
			lines = append(lines, p)
		case orb.Polygon:
			areas = append(areas, p)
		}
	}
	switch {
	case t == 7:
		return parts, nil
	case t == 4 && len(points) == len(parts):
		return points, nil
	case t == 5 && len(lines) == len(parts):
		return lines, nil
	case t == 6 && len(areas) == len(parts):
		return areas, nil
	}
	return nil, fmt.Errorf("a multi-geometry of type %d has parts of another", t)
}
