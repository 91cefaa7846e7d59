package citymodel

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
)

// cityGeometry is a geometry of CityJSON 2.0, section 3.
type cityGeometry struct {
	Type       string          `json:"type"`
	LOD        json.RawMessage `json:"lod"` // text since 1.1, a number before
	Boundaries json.RawMessage `json:"boundaries"`
	Semantics  *struct {
		Surfaces []struct {
			Type string `json:"type"`
		} `json:"surfaces"`
		Values json.RawMessage `json:"values"`
	} `json:"semantics"`
}

// surface is one face: an outer ring and its holes, of vertices.
type surface struct {
	rings    [][]int
	semantic string
}

func (g *cityGeometry) lod() string { return strings.Trim(string(g.LOD), `"`) }

// flatten fills in f's geometry, as seen from above, with height and class.
func (r *cityjsonReader) flatten(o *cityObject, vs [][3]float64, f *Feature) *Reason {
	g := r.choose(o.Geometry)
	if g == nil {
		return because("no-geometry", "it has no geometry in LoD %s", r.lod)
	}
	switch g.Type {
	case "MultiPoint":
		return flattenPoints(g, vs, f)
	case "MultiLineString":
		return flattenLines(g, vs, f)
	}
	faces, err := g.surfaces()
	if err != nil {
		return because("malformed", "its geometry: %v", err)
	}
	for _, s := range faces {
		for _, ring := range s.rings {
			for _, i := range ring {
				if i < 0 || i >= len(vs) {
					return because("malformed", "it names vertex %d of %d", i, len(vs))
				}
			}
		}
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range faces {
		for _, i := range s.rings[0] {
			low, high = min(low, vs[i][2]), max(high, vs[i][2])
		}
	}
	area := footprint(faces, vs, low)
	if len(area) == 0 {
		return because("invalid-geometry", "it has no face that lies flat")
	}
	f.Geometry = area
	if h := high - low; h > 0 && (o.Type == "Building" || o.Type == "BuildingPart" || o.Type == "BuildingUnit" || o.Type == "OtherConstruction") {
		f.Height = math.Round(h*100) / 100
	}
	return nil
}

// choose takes the LoD that was asked for, or the finest.
func (r *cityjsonReader) choose(gs []cityGeometry) (best *cityGeometry) {
	for i := range gs {
		g := &gs[i]
		if r.lod != "" {
			if g.lod() == r.lod {
				return g
			}
			continue
		}
		if best == nil || g.lod() > best.lod() {
			best = g
		}
	}
	return best
}

// surfaces lists the faces of any geometry made of them, with their semantics.
func (g *cityGeometry) surfaces() ([]surface, error) {
	depth, ok := map[string]int{"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}[g.Type]
	if !ok {
		return nil, fmt.Errorf("type %s cannot be read", quoteShort(g.Type))
	}
	var out []surface
	var values []*int
	if g.Semantics != nil {
		var err error
		if values, err = flatValues(g.Semantics.Values, depth); err != nil {
			return nil, fmt.Errorf("semantics: %w", err)
		}
	}
	err := eachSurface(g.Boundaries, depth, func(rings [][]int) error {
		if len(rings) == 0 || len(rings[0]) < 3 {
			return errors.New("a face without an outline")
		}
		s := surface{rings: rings}
		if n := len(out); n < len(values) && values[n] != nil {
			if v := *values[n]; v >= 0 && v < len(g.Semantics.Surfaces) {
				s.semantic = g.Semantics.Surfaces[v].Type
			}
		}
		out = append(out, s)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = errors.New("it has no faces")
	}
	return out, err
}

// eachSurface walks boundaries, depth levels down to the list of faces.
func eachSurface(raw json.RawMessage, depth int, do func([][]int) error) error {
	if depth > 0 {
		var parts []json.RawMessage
		if err := json.Unmarshal(raw, &parts); err != nil {
			return err
		}
		for _, p := range parts {
			if err := eachSurface(p, depth-1, do); err != nil {
				return err
			}
		}
		return nil
	}
	var faces [][][]int
	if err := json.Unmarshal(raw, &faces); err != nil {
		return err
	}
	for _, f := range faces {
		if err := do(f); err != nil {
			return err
		}
	}
	return nil
}

// flatValues lists the values of semantics in the order of the faces. A null in
// place of a whole shell, which the standard allows, gives up the semantics.
func flatValues(raw json.RawMessage, depth int) ([]*int, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	if depth == 0 {
		var vs []*int
		err := json.Unmarshal(raw, &vs)
		return vs, err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, err
	}
	var out []*int
	for _, p := range parts {
		if string(p) == "null" {
			return nil, nil
		}
		vs, err := flatValues(p, depth-1)
		if err != nil {
			return nil, err
		}
		out = append(out, vs...)
	}
	return out, nil
}

// footprint is what the object covers seen from above: its ground faces where
// they are marked, else the flat faces at its foot, else every flat face.
func footprint(faces []surface, vs [][3]float64, low float64) orb.MultiPolygon {
	pick := func(take func(s *surface) bool) (out orb.MultiPolygon) {
		for i := range faces {
			if s := &faces[i]; take(s) {
				if p := s.polygon(vs); p != nil {
					out = append(out, p)
				}
			}
		}
		return out
	}
	const foot = 0.5 // metres above the lowest point
	if mp := pick(func(s *surface) bool { return s.semantic == "GroundSurface" }); len(mp) > 0 {
		return mp
	}
	if mp := pick(func(s *surface) bool { return s.flat(vs) && vs[s.rings[0][0]][2] <= low+foot }); len(mp) > 0 {
		return mp
	}
	return pick(func(s *surface) bool { return s.flat(vs) })
}

// flat says whether the face is nearer to lying than to standing, by the
// area it shows from above against its own (Newell's normal).
func (s *surface) flat(vs [][3]float64) bool {
	var n [3]float64
	r := s.rings[0]
	for i := range r {
		a, b := vs[r[i]], vs[r[(i+1)%len(r)]]
		n[0] += (a[1] - b[1]) * (a[2] + b[2])
		n[1] += (a[2] - b[2]) * (a[0] + b[0])
		n[2] += (a[0] - b[0]) * (a[1] + b[1])
	}
	return math.Abs(n[2]) > math.Hypot(n[0], n[1])
}

// polygon is the face from above; nil for one that stands upright.
func (s *surface) polygon(vs [][3]float64) orb.Polygon {
	if !s.flat(vs) {
		return nil
	}
	var p orb.Polygon
	for i, r := range s.rings {
		if len(r) < 3 {
			return nil
		}
		ring := make(orb.Ring, 0, len(r)+1)
		for _, v := range r {
			ring = append(ring, orb.Point{vs[v][0], vs[v][1]})
		}
		ring = append(ring, ring[0])
		o := orb.CW
		if i == 0 {
			o = orb.CCW
		}
		p = append(p, wind(ring, o))
	}
	return p
}

func flattenPoints(g *cityGeometry, vs [][3]float64, f *Feature) *Reason {
	var ids []int
	if err := json.Unmarshal(g.Boundaries, &ids); err != nil {
		return because("malformed", "its geometry: %v", err)
	}
	line, why := pointsAt(ids, vs)
	if why != nil {
		return why
	}
	f.Geometry = orb.MultiPoint(line)
	return nil
}

func flattenLines(g *cityGeometry, vs [][3]float64, f *Feature) *Reason {
	var ids [][]int
	if err := json.Unmarshal(g.Boundaries, &ids); err != nil {
		return because("malformed", "its geometry: %v", err)
	}
	lines := make(orb.MultiLineString, len(ids))
	for i, l := range ids {
		line, why := pointsAt(l, vs)
		if why != nil {
			return why
		}
		lines[i] = line
	}
	f.Geometry = lines
	return nil
}

func pointsAt(ids []int, vs [][3]float64) ([]orb.Point, *Reason) {
	ps := make([]orb.Point, len(ids))
	for i, id := range ids {
		if id < 0 || id >= len(vs) {
			return nil, because("malformed", "it names vertex %d of %d", id, len(vs))
		}
		ps[i] = orb.Point{vs[id][0], vs[id][1]}
	}
	return ps, nil
}
