package alarm

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// List is every rule in by's regions, with what has come of it.
func (s *Service) List(ctx context.Context, by By) ([]Standing, error) {
	all, err := rules(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	mine := all[:0]
	for _, r := range all {
		if by.May(r.Region) {
			mine = append(mine, r)
		}
	}
	return s.standing(ctx, mine)
}

// Get is one rule; ErrNotFound.
func (s *Service) Get(ctx context.Context, by By, id string) (Standing, error) {
	r, err := rule(ctx, s.pool, by, id, false)
	if err != nil {
		return Standing{}, err
	}
	list, err := s.standing(ctx, []Rule{r})
	if err != nil {
		return Standing{}, err
	}
	return list[0], nil
}

// standing adds what has come of them.
func (s *Service) standing(ctx context.Context, list []Rule) ([]Standing, error) {
	now := s.opt.Now().In(s.opt.Location())
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	type sum struct {
		rule        string
		today, week int
		last        time.Time
	}
	rows, err := s.pool.Query(ctx, `
		select rule, count(*) filter (where opened >= $1), count(*) filter (where opened >= $2), max(opened)
		from alarm.opened where opened >= $3 group by rule`, midnight, midnight.AddDate(0, 0, -6), midnight.AddDate(0, 0, -90))
	if err != nil {
		return nil, fmt.Errorf("count what the alarm rules opened: %w", err)
	}
	sums, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x sum, err error) {
		err = row.Scan(&x.rule, &x.today, &x.week, &x.last)
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("count what the alarm rules opened: %w", err)
	}
	byRule := map[string]sum{}
	for _, x := range sums {
		byRule[x.rule] = x
	}
	counts := map[string]count{}
	if p := s.counts.Load(); p != nil {
		counts = *p
	}
	out := make([]Standing, len(list))
	for i, r := range list {
		out[i] = Standing{Rule: r, Now: counts[r.ID].alarming, Targets: counts[r.ID].targets}
		if x, ok := byRule[r.ID]; ok {
			out[i].Today, out[i].Week, out[i].Last = x.today, x.week, &x.last
		}
	}
	return out, nil
}

// Change of a rule, as its history has it.
type Change struct {
	Version int64      `json:"version"`
	What    string     `json:"what"` // "add", "change", "switch", "stop", "remove"
	On      bool       `json:"on"`
	By      string     `json:"by"`
	Why     string     `json:"why,omitempty"`
	At      time.Time  `json:"at"`
	Was     Definition `json:"definition"`
}

// History is every version of a rule, the newest first; ErrNotFound.
func (s *Service) History(ctx context.Context, by By, id string) ([]Change, error) {
	if _, err := rule(ctx, s.pool, by, id, false); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, "select version, what, is_on, by, why, at, body from alarm.rule_version where rule = $1 order by version desc limit 200", id)
	if err != nil {
		return nil, fmt.Errorf("read the history of alarm rule %s: %w", id, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Change])
	if err != nil {
		return nil, fmt.Errorf("read the history of alarm rule %s: %w", id, err)
	}
	return list, nil
}

// Openings are the newest incidents that a rule opened; ErrNotFound.
func (s *Service) Openings(ctx context.Context, by By, id string, limit int) ([]Report, error) {
	r, err := rule(ctx, s.pool, by, id, false)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, "select incident, rule, target, name, region, value, since, opened from alarm.opened where rule = $1 order by opened desc limit $2", id, limit)
	if err != nil {
		return nil, fmt.Errorf("read what alarm rule %s opened: %w", id, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x Report, err error) {
		x.Class, x.Severity = r.Open.Class, r.Open.Severity
		err = row.Scan(&x.ID, &x.Rule, &x.Target, &x.Name, &x.Region, &x.Value, &x.Since, &x.Opened)
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what alarm rule %s opened: %w", id, err)
	}
	return list, nil
}
