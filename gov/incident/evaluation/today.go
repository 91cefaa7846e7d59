package evaluation

import (
	"context"
	"fmt"
	"time"

	"onecity/internal/calendar"
)

// Sofar is an indicator of the day so far, and of the day before
// up to the same time.
type Sofar struct {
	Indicator
	Value, Before *float64
	Counts        Counts
}

// Today are the indicators of the day that a moment is in, up to it, in some
// regions and all within.
func (s *Service) Today(ctx context.Context, regions []string, at time.Time) ([]Sofar, error) {
	tree := s.o.Regions()
	where, err := reach(tree, Query{Within: Within{Regions: regions}})
	if err != nil {
		return nil, err
	}
	indicators, formulas, err := s.formulas(ctx, calendar.DateOf(at))
	if err != nil {
		return nil, err
	}
	var counts [2]Counts
	for back := range counts {
		end := at.AddDate(0, 0, -back)
		for _, p := range where {
			c, err := s.between(ctx, p, calendar.DateOf(end).Start(), end)
			if err != nil {
				return nil, fmt.Errorf("count the day so far: %w", err)
			}
			counts[back].add(c)
		}
	}
	out := make([]Sofar, len(indicators))
	now := rowOf("", "", &counts[0], indicators, formulas)
	before := rowOf("", "", &counts[1], indicators, formulas)
	for i, one := range indicators {
		out[i] = Sofar{Indicator: one, Value: now.Values[one.Code], Before: before.Values[one.Code], Counts: counts[0]}
	}
	return out, nil
}
