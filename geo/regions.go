package geo

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Regions is an immutable tree of regions with a point index. The zero value,
// and nil, are an empty tree. It is safe for concurrent use; slices and
// pointers that it hands out are shared: read, never write.
type Regions struct {
	all      []*Region // by code
	byCode   map[Code]*Region
	children map[Code][]*Region // "" holds the roots
	// byDepth[d] indexes the polygons of the regions d steps below a root.
	byDepth []*rtree.RTreeG[*piece]
}

// piece is one polygon of one region, ready for point questions.
type piece struct {
	prepared
	region *Region
}

// NewRegions makes the tree. It fails, naming every region that is wrong, when
// a code is empty or given twice, a parent is not in the list, a code does not
// start with its parent's, a level is not below its parent's, or a geometry is
// broken (see [CheckRings]). A region without a Centre gets the middle of its
// geometry's bound.
func NewRegions(list []Region) (*Regions, error) {
	t := &Regions{
		byCode:   make(map[Code]*Region, len(list)),
		children: make(map[Code][]*Region),
	}
	var errs []error
	for i := range list {
		r := list[i]
		if err := t.put(&r); err != nil {
			errs = append(errs, err)
		}
	}
	slices.SortFunc(t.all, func(a, b *Region) int { return strings.Compare(string(a.Code), string(b.Code)) })
	for _, r := range t.all {
		if err := t.place(r); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("regions: %w", err)
	}
	t.index()
	return t, nil
}

func (t *Regions) put(r *Region) error {
	if r.Code == "" {
		return fmt.Errorf("region %q has no code", r.Name)
	}
	if other, ok := t.byCode[r.Code]; ok {
		return fmt.Errorf("code %s is given twice: %q and %q", r.Code, other.Name, r.Name)
	}
	if err := CheckRings(r.Geometry); err != nil {
		return fmt.Errorf("region %s %s: geometry: %w", r.Code, r.Name, err)
	}
	if r.Centre == (orb.Point{}) && len(r.Geometry) > 0 {
		r.Centre = r.Geometry.Bound().Center()
	}
	t.byCode[r.Code] = r
	t.all = append(t.all, r)
	return nil
}

// place checks r against its parent and hangs it below it.
func (t *Regions) place(r *Region) error {
	if r.Parent != "" {
		up, ok := t.byCode[r.Parent]
		switch {
		case !ok:
			return fmt.Errorf("region %s %s: parent %s is not in the list", r.Code, r.Name, r.Parent)
		case r.Parent == r.Code || !r.Parent.Contains(r.Code):
			return fmt.Errorf("region %s %s: its code does not start with its parent's, %s", r.Code, r.Name, r.Parent)
		case r.Level != LevelNone && r.Level <= up.Level:
			return fmt.Errorf("region %s %s: level %s is not below its parent's, %s", r.Code, r.Name, r.Level, up.Level)
		}
	}
	t.children[r.Parent] = append(t.children[r.Parent], r)
	return nil
}

func (t *Regions) index() {
	var walk func(parent Code, depth int)
	walk = func(parent Code, depth int) {
		for _, r := range t.children[parent] {
			if len(t.byDepth) == depth {
				t.byDepth = append(t.byDepth, new(rtree.RTreeG[*piece]))
			}
			for _, p := range r.Geometry {
				q := &piece{prepare(p), r}
				t.byDepth[depth].Insert(q.bound.Min, q.bound.Max, q)
			}
			walk(r.Code, depth+1)
		}
	}
	walk("", 0)
}

// Get finds the region with that code.
func (t *Regions) Get(code Code) (*Region, bool) {
	if t == nil {
		return nil, false
	}
	r, ok := t.byCode[code]
	return r, ok
}

// Children are the regions right below code, by code; of "" the roots.
func (t *Regions) Children(code Code) []*Region {
	if t == nil {
		return nil
	}
	return t.children[code]
}

// Roots are the regions without a parent; usually one, the city.
func (t *Regions) Roots() []*Region { return t.Children("") }

// All is every region, by code: a parent comes before its children.
func (t *Regions) All() []*Region {
	if t == nil {
		return nil
	}
	return t.all
}

// Len is how many regions there are.
func (t *Regions) Len() int { return len(t.All()) }

// At is the deepest region that holds p (lon, lat). Where no region of a level
// holds it, or none has a geometry, the level above answers. A point on a
// border of two siblings belongs to exactly one of them, always the same; where
// areas overlap, the lower code wins.
func (t *Regions) At(p orb.Point) (*Region, bool) {
	if t == nil {
		return nil, false
	}
	for d := len(t.byDepth) - 1; d >= 0; d-- {
		var found *Region
		t.byDepth[d].Search(p, p, func(_, _ [2]float64, q *piece) bool {
			if (found == nil || q.region.Code < found.Code) && q.holds(p) {
				found = q.region
			}
			return true
		})
		if found != nil {
			return found, true
		}
	}
	return nil, false
}

// Bound is the smallest rectangle that holds every geometry of the tree; empty
// (orb.Bound.IsEmpty) when there is none.
func (t *Regions) Bound() orb.Bound {
	b := orb.MultiPolygon(nil).Bound()
	for _, r := range t.All() {
		if len(r.Geometry) > 0 {
			b = b.Union(r.Geometry.Bound())
		}
	}
	return b
}
