package citymodel

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// OSM's data model, https://wiki.openstreetmap.org/wiki/Elements.

// osmReader reads OpenStreetMap data, PBF or XML, in one pass: everything is
// kept in compact arrays and the shapes are put together at the end, so that
// elements may stand in any order.
type osmReader struct {
	in    io.Reader
	xml   bool
	wants func(tags map[string]string) bool
	count func() int64
}

func (r *osmReader) crs() string { return "EPSG:4326" }

func (r *osmReader) read(ctx context.Context, to features) error {
	s := &osmStore{wants: r.wants}
	var err error
	if r.xml {
		err = readOSMXML(ctx, r.in, s, func() { to.at(r.count()) })
	} else {
		err = readPBF(ctx, r.in, s, func() { to.at(r.count()) })
	}
	if err != nil {
		return err
	}
	s.sort()
	return s.assemble(ctx, to)
}

// assemble turns elements into features: boundaries first, so that regions
// are known before what lies in them; then the areas of other relations, because
// they say which ways they stand for; then ways, then nodes.
func (s *osmStore) assemble(ctx context.Context, to features) error {
	covered := map[int64]bool{}
	for _, boundaries := range []bool{true, false} {
		for i := range s.relations {
			r := &s.relations[i]
			if (r.tags["boundary"] != "") != boundaries {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.relation(r, covered, to); err != nil {
				return err
			}
		}
		for i := range s.ways {
			w := &s.ways[i]
			if w.tags == nil || (w.tags["boundary"] != "") != boundaries {
				continue
			}
			if covered[w.id] {
				to.skip("outline of a multipolygon relation")
				continue
			}
			if err := s.way(w, to); err != nil {
				return err
			}
		}
		if boundaries {
			if err := to.boundariesDone(); err != nil {
				return err
			}
		}
	}
	for _, n := range s.tagged {
		p := osmPoint(s.lon[n.at], s.lat[n.at])
		id := strconv.FormatInt(s.ids[n.at], 10)
		if err := to.feature(Feature{ID: "osm/n" + id, Place: "node " + id, Geometry: p, Tags: n.tags}); err != nil {
			return err
		}
	}
	return nil
}

func (s *osmStore) way(w *osmWay, to features) error {
	n := strconv.FormatInt(w.id, 10)
	id, place := "osm/w"+n, "way "+n
	refs := s.refs[w.from:w.to]
	line, missing := s.line(refs)
	switch {
	case missing > 0:
		return to.reject(id, place, because("incomplete", "%d of its %d nodes are not in the file", missing, len(refs)))
	case len(line) < 2:
		return to.reject(id, place, because("incomplete", "it has %d nodes", len(line)))
	}
	f := Feature{ID: id, Place: place, Geometry: line, Tags: w.tags}
	if refs[0] == refs[len(refs)-1] && osmArea(w.tags) {
		if len(line) < 4 {
			return to.reject(id, place, because("invalid-geometry", "an area needs 4 nodes, it has %d", len(line)))
		}
		f.Geometry = polygonOf(line)
	}
	return to.feature(f)
}

func (s *osmStore) relation(r *osmRelation, covered map[int64]bool, to features) error {
	n := strconv.FormatInt(r.id, 10)
	id, place := "osm/r"+n, "relation "+n
	if t := r.tags["type"]; t != "multipolygon" && t != "boundary" {
		to.skip("relation of type " + quoteShort(t))
		return nil
	}
	var parts []osmPart
	total, missing := 0, 0
	for _, m := range r.members {
		if m.kind != osmWayMember || !ringRole(m.role) {
			continue
		}
		total++
		w := s.findWay(m.ref)
		if w == nil {
			missing++
			continue
		}
		parts = append(parts, osmPart{way: w.id, inner: m.role == "inner", refs: s.refs[w.from:w.to]})
	}
	tags := r.tags
	if bare(tags) {
		if tags = s.outerTags(r); tags == nil {
			return nil
		}
	}
	if missing > 0 || total == 0 {
		return to.reject(id, place, because("incomplete", "%d of its %d member ways are not in the file", missing, total))
	}
	rings, err := joinRings(parts)
	if err != nil {
		return to.reject(id, place, because("incomplete", "%v", err))
	}
	area, why := s.area(rings)
	if why != nil {
		return to.reject(id, place, why)
	}
	// An outline that says the same as the relation would stand twice.
	for _, p := range parts {
		if w := s.findWay(p.way); !p.inner && w.tags != nil && sameThing(w.tags, tags) {
			covered[p.way] = true
		}
	}
	return to.feature(Feature{ID: id, Place: place, Geometry: area, Tags: tags})
}

// outerTags is what the outer ways say, all of them the same; nil otherwise.
func (s *osmStore) outerTags(r *osmRelation) (tags map[string]string) {
	for _, m := range r.members {
		if m.kind != osmWayMember || m.role == "inner" {
			continue
		}
		w := s.findWay(m.ref)
		if w == nil || w.tags == nil || tags != nil && !sameThing(w.tags, tags) {
			return nil
		}
		tags = w.tags
	}
	return tags
}

func ringRole(role string) bool { return role == "outer" || role == "inner" || role == "" }

// sameThing says whether a way's tags make it the same kind of thing as its
// relation.
func sameThing(way, rel map[string]string) bool {
	if way["building"] != "" && rel["building"] != "" {
		return true
	}
	for _, k := range []string{"natural", "waterway", "landuse", "boundary", "place", "highway"} {
		if v := way[k]; v != "" && v == rel[k] {
			return true
		}
	}
	return false
}

// osmArea says whether a closed way is an area, after
// https://wiki.openstreetmap.org/wiki/Overpass_turbo/Polygon_Features, for the
// keys that the default mapping reads.
func osmArea(tags map[string]string) bool {
	switch tags["area"] {
	case "yes":
		return true
	case "no":
		return false
	}
	is := func(key string, values ...string) bool {
		v := tags[key]
		for _, x := range values {
			if v == x {
				return true
			}
		}
		return false
	}
	not := func(key string, values ...string) bool {
		v := tags[key]
		return v != "" && v != "no" && !is(key, values...)
	}
	switch {
	case not("building"), not("building:part"), not("landuse"), not("boundary"), not("place"),
		not("amenity"), not("leisure"), not("area:highway"),
		not("natural", "coastline", "cliff", "ridge", "arete", "tree_row"),
		not("man_made", "cutline", "embankment", "pipeline"),
		is("waterway", "riverbank", "dock", "boatyard", "dam"),
		is("highway", "services", "rest_area", "escape", "elevator"):
		return true
	}
	return false
}

func quoteShort(s string) string {
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
