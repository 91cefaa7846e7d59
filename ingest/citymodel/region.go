package citymodel

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/simplify"
)

// boundary is an administrative area as a file holds it, before it has found
// its place in the tree.
type boundary struct {
	id, place   string
	code        geo.Code
	name        string
	nameEn      string
	admin       string // the file's own level
	area        orb.MultiPolygon
	inner       orb.Point
	level       geo.Level
	parent      int // index, -1 for none
	codeWasMade bool
}

func (s *sink) boundary(f *Feature, id string, g orb.Geometry) (boundary, *Reason) {
	m := s.o.Mapping
	b := boundary{
		id: id, place: f.Place, parent: -1,
		name: first(f.Tags, m.Name), nameEn: first(f.Tags, m.NameEn), admin: first(f.Tags, m.AdminLevel),
		code: geo.Code(strings.NewReplacer("-", "", " ", "").Replace(first(f.Tags, m.Code))),
	}
	switch g := g.(type) {
	case orb.Polygon:
		b.area = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		b.area = g
	default:
		return b, because("wrong-geometry", "a %s is no region", g.GeoJSONType())
	}
	largest := 0.0
	for _, p := range b.area {
		if a := planar.Area(p); a > largest {
			largest, b.inner = a, inside(p[0])
		}
	}
	return b, nil
}

// levelsOf ranks the file's levels: by the mapping, or in the order they have.
func (s *sink) levelsOf() map[string]geo.Level {
	if s.o.Mapping.AdminLevels != nil {
		return s.o.Mapping.AdminLevels
	}
	var all []string
	for _, b := range s.regions {
		if !slices.Contains(all, b.admin) {
			all = append(all, b.admin)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		x, errX := strconv.Atoi(a)
		y, errY := strconv.Atoi(b)
		if errX == nil && errY == nil {
			return cmp.Compare(x, y)
		}
		return cmp.Compare(a, b)
	})
	levels := map[string]geo.Level{}
	for i, a := range all {
		if l := geo.LevelCity + geo.Level(i); l <= geo.LevelGrid {
			levels[a] = l
		}
	}
	return levels
}

// tree puts the boundaries that were found into one tree: each below the
// smallest area of the next outer level that holds it, with a code that starts
// with its parent's. A code that is missing, or does not, is made.
func (s *sink) tree() ([]geo.Region, error) {
	levels := s.levelsOf()
	var bs []boundary
	for _, b := range s.regions {
		b.level = levels[b.admin]
		if b.level == geo.LevelNone {
			s.leave("administrative level " + quoteShort(b.admin) + " is not among the city's")
			continue
		}
		bs = append(bs, b)
	}
	slices.SortStableFunc(bs, func(a, b boundary) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.code, b.code), cmp.Compare(a.id, b.id))
	})
	var out []geo.Region
	var kept []boundary
	taken := map[geo.Code]bool{}
	for _, b := range bs {
		parent := parentOf(kept, &b)
		if parent == nil && b.level != bs[0].level {
			s.leave("no region of the level above holds it")
			continue
		}
		if why := b.settleCode(parent, taken); why != nil {
			if err := s.refuse(b.id, b.place, why); err != nil {
				return nil, err
			}
			continue
		}
		r := geo.Region{Code: b.code, Name: b.name, NameEn: b.nameEn, Level: b.level, Geometry: b.area, Centre: b.inner, Made: s.o.Made}
		if parent != nil {
			r.Parent = parent.code
		}
		if b.codeWasMade {
			s.report.Notes = append(s.report.Notes, fmt.Sprintf("%s (%s) got the code %s: it had none that starts with its parent's", b.place, b.name, b.code))
		}
		taken[b.code] = true
		kept = append(kept, b)
		out = append(out, r)
	}
	return out, nil
}

func parentOf(kept []boundary, b *boundary) *boundary {
	for i := range slices.Backward(kept) {
		p := &kept[i]
		if p.level < b.level && planar.MultiPolygonContains(p.area, b.inner) {
			return p
		}
	}
	return nil
}

// settleCode keeps the file's code where it fits below the parent's.
func (b *boundary) settleCode(parent *boundary, taken map[geo.Code]bool) *Reason {
	if parent == nil {
		if b.code == "" {
			return because("no-code", "an outermost region needs a code")
		}
		if taken[b.code] {
			return because("duplicate-id", "two regions have the code %s", b.code)
		}
		return nil
	}
	if len(b.code) > len(parent.code) && parent.code.Contains(b.code) && !taken[b.code] {
		return nil
	}
	b.codeWasMade = true
	for n := 1; n < 1000; n++ {
		if c := parent.code + geo.Code(fmt.Sprintf("%03d", n)); !taken[c] {
			b.code = c
			return nil
		}
	}
	return because("no-code", "its parent %s has more than 999 parts", parent.code)
}

// emitRegions sends the tree as one fact, which the model replaces its own
// with. Outlines are simplified as little as it takes to fit into a message.
func (s *sink) emitRegions() error {
	if len(s.regions) == 0 || s.report.Regions > 0 {
		return nil
	}
	rs, err := s.tree()
	if err != nil || len(rs) == 0 {
		return err
	}
	for tolerance := 2e-6; ; tolerance *= 2 {
		size := envelope
		for i := range rs {
			size += perObject + textSize(rs[i].Name) + textSize(rs[i].NameEn) + geometrySize(rs[i].Geometry)
		}
		if size <= s.o.MaxBatchBytes {
			break
		}
		if tolerance > 1e-3 {
			return fmt.Errorf("the %d regions take %d bytes even when simplified to 100 m; a fact may have %d", len(rs), size, s.o.MaxBatchBytes)
		}
		simplified := 0
		for i := range rs {
			if g := simplify.DouglasPeucker(tolerance).MultiPolygon(rs[i].Geometry.Clone()); geo.Validate(g) == nil {
				rs[i].Geometry = g
				simplified++
			}
		}
		s.report.Notes = append(s.report.Notes, fmt.Sprintf("outlines of %d regions were simplified to %.0e°, to fit into one message", simplified, tolerance))
	}
	s.report.Regions = len(rs)
	for _, r := range rs {
		if r.Level == rs[0].Level {
			s.outline = append(s.outline, r.Geometry...)
		}
	}
	return s.emit(cim.RegionsPut{Regions: rs})
}

// boundariesDone sends the regions ahead of what lies in them, and makes the
// city's own outline the limit of the rest where that was asked for.
func (s *sink) boundariesDone() error {
	if err := s.emitRegions(); err != nil {
		return err
	}
	if s.o.WithinRegions && s.o.Within == nil && s.outline != nil {
		s.o.Within, s.within = s.outline, s.outline.Bound()
	}
	return nil
}
