package evaluation

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"onecity/geo"
)

// noPost is the key of those whose post is not known.
const noPost = "—"

func nameOf(tree *geo.Regions, code string) string {
	if r, ok := tree.Get(geo.Code(code)); ok {
		return r.Name
	}
	return code
}

// namesOf are the names of a table's rows.
func (s *Service) namesOf(ctx context.Context, tree *geo.Regions, by By, rows map[string]*Counts) map[string]string {
	names := make(map[string]string, len(rows))
	n := s.o.Names
	if by == ByPerson && n != nil {
		for subject, p := range n.Subjects(ctx, slices.Collect(maps.Keys(rows))) {
			names[subject] = p.Name
		}
		return names
	}
	for key := range rows {
		switch {
		case by == ByRegion:
			names[key] = nameOf(tree, key)
		case by == ByPost && key == noPost:
			names[key] = "未登记岗位 no post"
		case n == nil:
		case by == ByOrg:
			names[key] = n.Org(ctx, key)
		case by == ByUnit:
			names[key] = n.Unit(ctx, key)
		case by == ByClass:
			names[key] = n.Class(ctx, key).ZH
		}
	}
	return names
}

// posts adds people up by their post 岗位 as it is now.
func (s *Service) posts(ctx context.Context, people map[string]*Counts) map[string]*Counts {
	known := map[string]Person{}
	if s.o.Names != nil {
		known = s.o.Names.Subjects(ctx, slices.Collect(maps.Keys(people)))
	}
	out := map[string]*Counts{}
	for subject, c := range people {
		countsOf(out, cmp.Or(known[subject].Post, noPost)).add(c)
	}
	return out
}

// holderName names who a case is with.
func (s *Service) holderName(ctx context.Context, org, unit, handler string) (key, name string) {
	n := s.o.Names
	switch {
	// A program works for the unit that it was sent as.
	case handler != "" && (unit == "" || !strings.HasPrefix(handler, "app:")):
		key = handler
		if n != nil {
			name = n.Subjects(ctx, []string{handler})[handler].Name
		}
	case unit != "":
		key = "unit:" + unit
		if n != nil {
			name = n.Unit(ctx, unit)
		}
		name = cmp.Or(name, unit)
	case org != "":
		key = "org:" + org
		if n != nil {
			name = n.Org(ctx, org)
		}
		name = cmp.Or(name, org)
	default:
		key, name = "desk", "指挥中心"
	}
	return key, cmp.Or(name, key)
}
