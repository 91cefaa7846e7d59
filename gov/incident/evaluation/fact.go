package evaluation

import (
	"strings"
	"time"

	"onecity/geo"
	"onecity/internal/calendar"
)

// fact is what a case counts for, as it is kept.
type fact struct {
	ID, Region, Class, Org string
	Areas                  []string
	Parts                  []Part
	Wakes                  *time.Time
}

// span is the days of the first and the last part.
func (f *fact) span() (first, last calendar.Date) {
	return calendar.DateOf(f.Parts[0].At), calendar.DateOf(f.Parts[len(f.Parts)-1].At)
}

// cell is where a part is added: a row of the sums.
type cell struct {
	area, dim, key string
	day            calendar.Date
}

// sums are counts by cell.
type sums map[cell]*Counts

func (s sums) add(c cell, m Measure, n float64) {
	at := s[c]
	if at == nil {
		at = &Counts{}
		s[c] = at
	}
	at[m] += n
}

// spread adds a fact's parts to all sums that it is in; sign is −1 to take them
// away again.
func (s sums) spread(tree *geo.Regions, f *fact, sign float64) {
	for _, area := range f.Areas {
		part := f.regionKey(tree, area)
		for _, p := range f.Parts {
			day, n := calendar.DateOf(p.At), sign*p.N
			s.add(cell{area, dimAll, "", day}, p.Measure, n)
			s.add(cell{area, dimRegion, part, day}, p.Measure, n)
			s.add(cell{area, dimClass, f.Class, day}, p.Measure, n)
			if f.Org != "" {
				s.add(cell{area, dimOrg, f.Org, day}, p.Measure, n)
			}
			if p.Unit != "" {
				s.add(cell{area, dimUnit, p.Unit, day}, p.Measure, n)
			}
			if p.Person != "" {
				s.add(cell{area, dimPerson, p.Person, day}, p.Measure, n)
			}
		}
	}
}

// regionKey is the part of an area that a case lies in: of a city its towns, of
// an organisation's work the towns too.
func (f *fact) regionKey(tree *geo.Regions, area string) string {
	if code, ok := strings.CutPrefix(area, "r"); ok && code != "" {
		return below(tree, code, f.Region)
	}
	list := chain(tree, f.Region)
	switch len(list) {
	case 0:
		return f.Region
	case 1:
		return list[0]
	}
	return list[1]
}

// keyIn is the key of a part in one dimension, "" for none.
func (f *fact) keyIn(dim string, p *Part, region string) string {
	switch dim {
	case dimAll:
		return ""
	case dimRegion:
		return region
	case dimClass:
		return f.Class
	case dimOrg:
		return f.Org
	case dimUnit:
		return p.Unit
	}
	return p.Person
}
