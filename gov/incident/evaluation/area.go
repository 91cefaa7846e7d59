package evaluation

import (
	"slices"
	"strings"

	"onecity/geo"
)

// The dimensions that sums are kept in.
const (
	dimAll    = "all"
	dimRegion = "region" // key: the part right below the area
	dimClass  = "class"
	dimOrg    = "org"
	dimUnit   = "unit"
	dimPerson = "person"
)

// deepest is how many levels of regions have sums by day: the city and its
// towns. What is smaller is counted from its cases.
const deepest = 2

// orgStep is how many characters a level of an organisation's path has.
const orgStep = 4

// chain are the regions of the tree that a code lies in, outermost first.
func chain(tree *geo.Regions, code string) []string {
	var out []string
	for i := 1; i <= len(code); i++ {
		if _, ok := tree.Get(geo.Code(code[:i])); ok {
			out = append(out, code[:i])
		}
	}
	return out
}

// below is the part of area, a region's code, that a region lies in: the area
// itself when the region is not deeper.
func below(tree *geo.Regions, area, region string) string {
	for _, c := range chain(tree, region) {
		if len(c) > len(area) && strings.HasPrefix(c, area) {
			return c
		}
	}
	return area
}

// areasOf are the areas whose sums a case of that region and organisation is in.
func areasOf(tree *geo.Regions, region, org string) []string {
	list := chain(tree, region)
	out := []string{"r"}
	for _, c := range list[:min(len(list), deepest)] {
		out = append(out, "r"+c)
	}
	for i := orgStep; i <= len(org); i += orgStep {
		out = append(out, "o"+org[:i])
	}
	return out
}

// summed reports whether a region has sums by day.
func summed(tree *geo.Regions, region string) bool {
	return region == "" || slices.Contains(chain(tree, region), region) && len(chain(tree, region)) <= deepest
}

// treeMark changes when the regions that have sums do.
func treeMark(tree *geo.Regions) string {
	var codes []string
	for _, r := range tree.Roots() {
		codes = append(codes, string(r.Code))
		for _, c := range tree.Children(r.Code) {
			codes = append(codes, string(c.Code))
		}
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// outermost drops what lies in another one of the list.
func outermost(codes []string) []string {
	codes = slices.Compact(slices.Sorted(slices.Values(codes)))
	var out []string
	for _, c := range codes {
		if n := len(out); n > 0 && strings.HasPrefix(c, out[n-1]) {
			continue
		}
		out = append(out, c)
	}
	return out
}
