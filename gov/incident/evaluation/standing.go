package evaluation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"onecity/geo"
	"onecity/internal/calendar"
	"onecity/internal/database"
)

// Panel is how a district stands. Cases are shown as scope lets their reader
// see them. Of the regions beside it only sums are told, to compare with:
// whoever may count in a district may know how the others do. ErrOutside when
// the region is none that the reader may count.
func (s *Service) Panel(ctx context.Context, within Within, scope database.Scope, region string) (Panel, error) {
	tree := s.o.Regions()
	r, err := s.counted(tree, within, region)
	if err != nil {
		return Panel{}, err
	}
	now := s.o.Now()
	today := calendar.DateOf(now)
	indicators, formulas, err := s.formulas(ctx, today)
	if err != nil {
		return Panel{}, err
	}
	p := Panel{Region: region, RegionName: r.Name, Level: r.Level.String(), Time: now, Date: today, Indicators: indicators, Measures: Measures()}
	if p.Late, p.WithWhom, err = s.late(ctx, scope, tree, region, now); err != nil {
		return Panel{}, err
	}
	if p.Next, err = s.next(ctx, scope, tree, region, now); err != nil {
		return Panel{}, err
	}
	for row, back := range map[*Row]int{&p.Today: 0, &p.Yesterday: 1, &p.LastWeek: 7} {
		end := now.AddDate(0, 0, -back)
		c, err := s.between(ctx, place{region: region}, calendar.DateOf(end).Start(), end)
		if err != nil {
			return Panel{}, fmt.Errorf("count %s, %d days before: %w", region, back, err)
		}
		*row = rowOf(region, r.Name, c, indicators, formulas)
	}
	parts, whole, err := s.loads(ctx, tree, region, now)
	if err != nil {
		return Panel{}, err
	}
	p.Open, p.LateCount, p.Soon = whole.open, whole.late, whole.soon
	if p.Parts, err = s.standings(ctx, region, today, parts); err != nil {
		return Panel{}, err
	}
	p.Peers = []Standing{}
	if r.Parent != "" {
		beside, _, err := s.loads(ctx, tree, string(r.Parent), now)
		if err != nil {
			return Panel{}, err
		}
		if p.Peers, err = s.standings(ctx, string(r.Parent), today, beside); err != nil {
			return Panel{}, err
		}
	}
	return p, nil
}

// counted is a region that the reader may count.
func (s *Service) counted(tree *geo.Regions, within Within, region string) (*geo.Region, error) {
	r, ok := tree.Get(geo.Code(region))
	if !ok || region == "" {
		return nil, ErrOutside
	}
	places, err := reach(tree, Query{Region: region, Within: within})
	if err != nil || len(places) != 1 || places[0] != (place{region: region}) {
		return nil, ErrOutside
	}
	return r, nil
}

// standings are the parts of a region on a day, with their open cases.
func (s *Service) standings(ctx context.Context, region string, day calendar.Date, open map[string]load) ([]Standing, error) {
	t, err := s.Table(ctx, Query{By: ByRegion, Region: region, From: day, To: day, Within: Within{Regions: []string{""}}})
	if err != nil {
		return nil, err
	}
	out := []Standing{}
	for _, row := range t.Rows {
		l := open[row.Key]
		out = append(out, Standing{Row: row, Open: l.open, Late: l.late})
	}
	// Cases that are open in a part that is none of the tree's.
	for key, l := range open {
		if !slices.ContainsFunc(out, func(o Standing) bool { return o.Key == key }) {
			row := rowOf(key, nameOf(s.o.Regions(), key), &Counts{}, t.Indicators, nil)
			out = append(out, Standing{Row: row, Open: l.open, Late: l.late})
		}
	}
	slices.SortStableFunc(out, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(b.Late, a.Late), cmp.Compare(b.Open, a.Open), cmp.Compare(a.Key, b.Key))
	})
	return out, nil
}

// ends are a day's beginning and end, or now if that is earlier.
func ends(day calendar.Date, now time.Time) (from, to time.Time, whole bool) {
	from, to = day.Start(), day.Next(1).Start()
	if to.After(now) {
		return from, now, false
	}
	return from, to, true
}
