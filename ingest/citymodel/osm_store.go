package citymodel

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/paulmach/orb"
)

// osmStore keeps what an OSM file holds: 16 bytes for a node, 8 for a node's
// mention in a way, 48 for a way, and the tags of what the mapping wants.
type osmStore struct {
	wants func(tags map[string]string) bool

	// Nodes, in order of id once sort has run; lon, lat in units of 1e-7°.
	ids      []int64
	lon, lat []int32
	tagged   []osmTagged

	ways []osmWay
	refs []int64

	relations []osmRelation
}

type osmTagged struct {
	id   int64
	at   int // index into ids, set by sort
	tags map[string]string
}

type osmWay struct {
	id       int64
	from, to int
	tags     map[string]string // nil when nothing wants it for itself
}

type osmRelation struct {
	id      int64
	tags    map[string]string
	members []osmMember
}

type osmMember struct {
	kind uint8
	ref  int64
	role string
}

const (
	osmNodeMember uint8 = iota
	osmWayMember
	osmRelationMember
)

func (s *osmStore) addNode(id int64, lon, lat int32, tags map[string]string) {
	s.ids = append(s.ids, id)
	s.lon = append(s.lon, lon)
	s.lat = append(s.lat, lat)
	if tags != nil && s.wants(tags) {
		s.tagged = append(s.tagged, osmTagged{id: id, tags: tags})
	}
}

// addWay takes the references over by value.
func (s *osmStore) addWay(id int64, refs []int64, tags map[string]string) {
	w := osmWay{id: id, from: len(s.refs), to: len(s.refs) + len(refs)}
	if tags != nil && s.wants(tags) {
		w.tags = tags
	}
	s.refs = append(s.refs, refs...)
	s.ways = append(s.ways, w)
}

func (s *osmStore) addRelation(id int64, members []osmMember, tags map[string]string) {
	if tags != nil && (s.wants(tags) || bare(tags)) {
		s.relations = append(s.relations, osmRelation{id: id, tags: tags, members: members})
	}
}

// bare says whether a multipolygon has no tags of its own, as was the custom
// until 2017: its outer way says then what it is.
func bare(tags map[string]string) bool {
	for k := range tags {
		switch k {
		case "type", "source", "created_by", "note", "fixme":
		default:
			return false
		}
	}
	return tags["type"] == "multipolygon"
}

// sort brings nodes and ways into order of id, which most files have already.
func (s *osmStore) sort() {
	if !slices.IsSorted(s.ids) {
		sort.Stable((*byNode)(s))
	}
	kept := s.tagged[:0]
	for _, t := range s.tagged {
		if at, ok := s.findNode(t.id); ok {
			t.at = at
			kept = append(kept, t)
		}
	}
	s.tagged = kept
	byID := func(a, b osmWay) int { return compareInt(a.id, b.id) }
	if !slices.IsSortedFunc(s.ways, byID) {
		slices.SortStableFunc(s.ways, byID)
	}
}

type byNode osmStore

func (s *byNode) Len() int           { return len(s.ids) }
func (s *byNode) Less(i, j int) bool { return s.ids[i] < s.ids[j] }
func (s *byNode) Swap(i, j int) {
	s.ids[i], s.ids[j] = s.ids[j], s.ids[i]
	s.lon[i], s.lon[j] = s.lon[j], s.lon[i]
	s.lat[i], s.lat[j] = s.lat[j], s.lat[i]
}

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *osmStore) findNode(id int64) (int, bool) { return slices.BinarySearch(s.ids, id) }

func (s *osmStore) findWay(id int64) *osmWay {
	i, ok := slices.BinarySearchFunc(s.ways, id, func(w osmWay, id int64) int { return compareInt(w.id, id) })
	if !ok {
		return nil
	}
	return &s.ways[i]
}

func osmPoint(lon, lat int32) orb.Point { return orb.Point{float64(lon) / 1e7, float64(lat) / 1e7} }

// line gives the coordinates of nodes, each once in a row, and how many are
// not in the file.
func (s *osmStore) line(refs []int64) (line orb.LineString, missing int) {
	line = make(orb.LineString, 0, len(refs))
	for _, ref := range refs {
		at, ok := s.findNode(ref)
		if !ok {
			missing++
			continue
		}
		p := osmPoint(s.lon[at], s.lat[at])
		if n := len(line); n > 0 && line[n-1] == p {
			continue
		}
		line = append(line, p)
	}
	return line, missing
}

// osmPart is one way of a relation's outline.
type osmPart struct {
	way   int64
	inner bool
	refs  []int64
}

// joinRings puts ways together, end to end by their nodes, into closed rings.
func joinRings(parts []osmPart) ([][]int64, error) {
	ends := map[int64][]int{} // node → parts that begin or end there
	var rings [][]int64
	used := make([]bool, len(parts))
	for i, p := range parts {
		if len(p.refs) < 2 {
			return nil, fmt.Errorf("its way %d has %d nodes", p.way, len(p.refs))
		}
		first, last := p.refs[0], p.refs[len(p.refs)-1]
		if first == last {
			rings = append(rings, p.refs)
			used[i] = true
			continue
		}
		ends[first] = append(ends[first], i)
		ends[last] = append(ends[last], i)
	}
	for i, p := range parts {
		if used[i] {
			continue
		}
		used[i] = true
		ring := slices.Clone(p.refs)
		for ring[0] != ring[len(ring)-1] {
			end := ring[len(ring)-1]
			next := -1
			for _, c := range ends[end] {
				if !used[c] {
					next = c
					break
				}
			}
			if next < 0 {
				return nil, fmt.Errorf("its outline is open at node %d", end)
			}
			used[next] = true
			refs := parts[next].refs
			if refs[0] == end {
				ring = append(ring, refs[1:]...)
			} else {
				for k := len(refs) - 2; k >= 0; k-- {
					ring = append(ring, refs[k])
				}
			}
		}
		rings = append(rings, ring)
	}
	if len(rings) == 0 {
		return nil, errors.New("it has no ring")
	}
	return rings, nil
}

// area makes a multipolygon of rings: what lies in an odd number of others is
// a hole, whatever its role says.
func (s *osmStore) area(rings [][]int64) (orb.MultiPolygon, *Reason) {
	shapes := make([]orb.Ring, 0, len(rings))
	for _, refs := range rings {
		line, missing := s.line(refs)
		if missing > 0 {
			return nil, because("incomplete", "%d of its nodes are not in the file", missing)
		}
		if len(line) < 4 {
			return nil, because("invalid-geometry", "a ring of it has %d nodes", len(line))
		}
		shapes = append(shapes, orb.Ring(line))
	}
	mp, err := nest(shapes)
	if err != nil {
		return nil, because("invalid-geometry", "%v", err)
	}
	return mp, nil
}
