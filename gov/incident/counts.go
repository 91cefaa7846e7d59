package incident

import (
	"context"
	"fmt"
	"time"

	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// Counts are how the cases of a region stand.
type Counts struct {
	// Open, Late and Urged are of what is open now, as are ByGroup and ByRegion.
	Open  int `json:"open"`
	Late  int `json:"late"`
	Urged int `json:"urged"`
	// ByState has the open ones by their state, and those at an end that were
	// reported since.
	ByState  map[flow.State]int `json:"byState"`
	ByGroup  map[string]int     `json:"byGroup"` // major class 大类
	ByRegion map[string]Tally   `json:"-"`       // by regions as deep as was asked
}

// Tally is how many are open and late somewhere.
type Tally struct{ Open, Late int }

// Counts counts what a reader sees in a region; from: since when those at an
// end are counted by their state, zero: not at all; deep: how many characters
// of a region's code tell regions apart in ByRegion, 0: all. It reads an index
// of what is open, and of what was reported since.
func (s *Service) Counts(ctx context.Context, scope database.Scope, region string, from time.Time, deep int) (Counts, error) {
	out := Counts{ByState: map[flow.State]int{}, ByGroup: map[string]int{}, ByRegion: map[string]Tally{}}
	var a args
	where := seen(&a, scope, region)
	now := a.put(micro(s.opt.Now()))
	place := "region"
	if deep > 0 {
		place = "left(region, " + a.put(deep) + ")"
	}
	sql := `select state, left(class, 3), ` + place + `, count(*), count(*) filter (where runs < ` + now + `), count(*) filter (where urged > 0), true
		from incident.record where open and ` + where + ` group by 1, 2, 3`
	if !from.IsZero() {
		sql += ` union all select state, '', '', count(*), 0, 0, false from incident.record
			where not open and reported >= ` + a.put(from) + ` and ` + where + ` group by state`
	}
	type row struct {
		state, group, region string
		all, late, urged     int
		open                 bool
	}
	rows, err := database.Collect(ctx, s.wall, scope, sql, a, func(r pgx.CollectableRow) (v row, err error) {
		err = r.Scan(&v.state, &v.group, &v.region, &v.all, &v.late, &v.urged, &v.open)
		return v, err
	})
	if err != nil {
		return Counts{}, fmt.Errorf("count cases: %w", err)
	}
	for _, r := range rows {
		out.ByState[flow.State(r.state)] += r.all
		if !r.open {
			continue
		}
		out.Open += r.all
		out.Late += r.late
		out.Urged += r.urged
		out.ByGroup[r.group] += r.all
		t := out.ByRegion[r.region]
		out.ByRegion[r.region] = Tally{t.Open + r.all, t.Late + r.late}
	}
	return out, nil
}
