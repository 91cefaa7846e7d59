package evaluation

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"onecity/geo"
	"onecity/internal/calendar"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

const (
	mostNotable = 12
	mostClasses = 8
)

// Brief is the daily brief of a region. What was late is told of those that are
// open still. ErrOutside as for Panel, ErrRange for a day to come.
func (s *Service) Brief(ctx context.Context, within Within, scope database.Scope, region string, day calendar.Date) (Brief, error) {
	tree := s.o.Regions()
	r, err := s.counted(tree, within, region)
	if err != nil {
		return Brief{}, err
	}
	now := s.o.Now()
	if day == (calendar.Date{}) {
		day = calendar.DateOf(now)
	}
	from, to, whole := ends(day, now)
	if from.After(now) {
		return Brief{}, ErrRange
	}
	indicators, formulas, err := s.formulas(ctx, day)
	if err != nil {
		return Brief{}, err
	}
	b := Brief{Title: r.Name + "城市运行日报", Region: region, RegionName: r.Name, Date: day, Made: now, Whole: whole,
		Indicators: indicators, Measures: Measures()}
	for row, back := range map[*Row]int{&b.Day: 0, &b.Before: 1, &b.WeekAgo: 7} {
		c, err := s.between(ctx, place{region: region}, from.AddDate(0, 0, -back), to.AddDate(0, 0, -back))
		if err != nil {
			return Brief{}, fmt.Errorf("count %s, %d days before: %w", region, back, err)
		}
		*row = rowOf(region, r.Name, c, indicators, formulas)
	}
	if b.Late, b.WithWhom, err = s.late(ctx, scope, tree, region, to); err != nil {
		return Brief{}, err
	}
	open, all, err := s.loads(ctx, tree, region, to)
	if err != nil {
		return Brief{}, err
	}
	b.Open, b.LateCount = all.open, all.late
	if b.Parts, err = s.standings(ctx, region, day, open); err != nil {
		return Brief{}, err
	}
	classes, err := s.Table(ctx, Query{By: ByClass, Region: region, From: day, To: day, Within: Within{Regions: []string{region}}})
	if err != nil {
		return Brief{}, err
	}
	b.Classes = classes.Rows[:min(len(classes.Rows), mostClasses)]
	b.Notable, err = s.notable(ctx, scope, tree, region, from, to)
	return b, err
}

// notable are the cases of a day that a leader should know of.
func (s *Service) notable(ctx context.Context, scope database.Scope, tree *geo.Regions, region string, from, to time.Time) ([]Notable, error) {
	wall, err := database.WallOf(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	list, err := database.Collect(ctx, wall, scope, `
		select id, no, title, class, region, severity, state, reported, urged, level, reworks, stars, merged
		from incident.record where region like $1 and reported < $3 and reported >= $2::timestamptz - interval '31 days'
			and (reported >= $2 or closed >= $2 and closed < $3 or open and (urged > 0 or level > 0))
			and (severity <= 2 or urged > 0 or level > 0 or reworks > 1 or stars between 1 and 2 or merged > 2)
		order by rank, reported desc, id limit $4`, []any{database.Pattern(region), from, to, mostNotable},
		func(row pgx.CollectableRow) (n Notable, err error) {
			var class, code string
			var urged, level, reworks, stars, merged int
			err = row.Scan(&n.ID, &n.No, &n.Title, &class, &code, &n.Severity, &n.State, &n.Reported, &urged, &level, &reworks, &stars, &merged)
			n.RegionName = nameOf(tree, code)
			if n.Title == "" && s.o.Names != nil {
				n.Title = s.o.Names.Class(ctx, class).ZH
			}
			n.Title = cmp.Or(n.Title, class)
			n.Why = reasons(n.Severity, urged, level, reworks, stars, merged)
			return n, err
		})
	if err != nil {
		return nil, fmt.Errorf("read what is notable in %s: %w", region, err)
	}
	if list == nil {
		list = []Notable{}
	}
	return list, nil
}

// reasons say why a case is notable.
func reasons(severity, urged, level, reworks, stars, merged int) Words {
	var zh, en []string
	add := func(is bool, z, e string) {
		if is {
			zh, en = append(zh, z), append(en, e)
		}
	}
	add(severity == 1, "特别重大", "gravest")
	add(severity == 2, "重大", "grave")
	add(urged > 0, fmt.Sprintf("督办%d次", urged), fmt.Sprintf("urged %d×", urged))
	add(level > 0, fmt.Sprintf("超时升级%d级", level), fmt.Sprintf("escalated %d×", level))
	add(reworks > 1, fmt.Sprintf("返工%d次", reworks), fmt.Sprintf("reworked %d×", reworks))
	add(stars > 0 && stars < 3, fmt.Sprintf("群众评价%d星", stars), fmt.Sprintf("rated %d stars", stars))
	add(merged > 2, fmt.Sprintf("%d件并案", merged), fmt.Sprintf("%d reports of the same", merged))
	return Words{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}
