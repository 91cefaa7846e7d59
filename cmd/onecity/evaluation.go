package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/incident/evaluation"
	"onecity/widgets"
)

// openEvaluation opens 综合评价 in the database of the office. The cases' tables
// must be there.
func openEvaluation(ctx context.Context, p parts) (*evaluation.Service, error) {
	return evaluation.Open(ctx, p.pool, evaluation.Options{
		Regions: func() *geo.Regions { return p.city.Snapshot().In(cim.Whole()).Regions() },
		Names:   evaluatedNames{p},
		Audit:   p.log.Append,
	})
}

// count keeps the counts, once the city has its regions.
func count(e *evaluation.Service, open <-chan struct{}) func(context.Context) error {
	return func(ctx context.Context) error {
		if !wait(ctx, open) {
			return nil
		}
		return e.Run(ctx)
	}
}

// evaluatedNames are the names of what is evaluated.
type evaluatedNames struct{ p parts }

func (n evaluatedNames) Org(ctx context.Context, path string) string {
	return n.p.directory.OrgName(ctx, path)
}

func (n evaluatedNames) Unit(_ context.Context, id string) string {
	if u, ok := n.p.city.Snapshot().In(cim.Whole()).Unit(id); ok {
		return u.Name
	}
	return ""
}

func (n evaluatedNames) Class(_ context.Context, code string) evaluation.Words {
	c, _ := cim.ClassOf(code)
	return evaluation.Words{ZH: c.Name, EN: c.NameEn}
}

func (n evaluatedNames) Subjects(ctx context.Context, subjects []string) map[string]evaluation.Person {
	out := make(map[string]evaluation.Person, len(subjects))
	for subject, title := range n.p.directory.Titles(ctx, subjects) {
		out[subject] = evaluation.Person{Name: title.Name, Post: title.Post}
	}
	return out
}

// evaluatedRecord is the history of charts with what came of the cases.
type evaluatedRecord struct {
	chartRecord
	evaluation *evaluation.Service
}

var _ widgets.Evaluations = evaluatedRecord{}

// shares are the counts that an indicator on the screen is a share of.
var shares = map[string][2]evaluation.Measure{
	"closed-rate":          {evaluation.Closed, evaluation.CloseDue},
	"handled-on-time-rate": {evaluation.HandledOnTime, evaluation.Due},
	"rework-rate":          {evaluation.Reworked, evaluation.Due},
	"satisfaction":         {evaluation.Satisfied, evaluation.Rated},
}

func (r evaluatedRecord) Evaluated(ctx context.Context, scope cim.Scope, at time.Time) ([]widgets.Evaluated, error) {
	var regions []string
	for _, g := range scope.Pieces(cim.LayerIncidents) {
		regions = append(regions, string(g.Region))
	}
	all, err := r.evaluation.Today(ctx, regions, at)
	if errors.Is(err, evaluation.ErrOutside) {
		return nil, nil // who sees no cases sees no rates of them
	}
	if err != nil {
		return nil, fmt.Errorf("evaluate today: %w", err)
	}
	var out []widgets.Evaluated
	for _, i := range all {
		if of, ok := shares[i.Code]; ok {
			out = append(out, widgets.Evaluated{Code: i.Code, Value: i.Value, Before: i.Before, Target: i.Target, Unit: i.Unit, Of: i.Counts[of[0]], OutOf: i.Counts[of[1]]})
		}
	}
	return out, nil
}
