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
	ByRegion map[string]Tally   `json:"-"`       // by the deepest region
}

// Tally is how many are open and late somewhere.
type Tally struct{ Open, Late int }

// Counts counts what a reader sees in a region; from: since when those at an
// end are counted by their state, zero: not at all. It reads an index of what
// is open, and of what was reported since.
func (s *Service) Counts(ctx context.Context, scope database.Scope, region string, from time.Time) (Counts, error) {
	out := Counts{ByState: map[flow.State]int{}, ByGroup: map[string]int{}, ByRegion: map[string]Tally{}}
	var a args
	where := seen(&a, scope, region)
	now := a.put(micro(s.opt.Now()))
	sql := `select coalesce(state, ''), coalesce(left(class, 3), ''), coalesce(region, ''), grouping(state, left(class, 3), region),
		count(*), count(*) filter (where runs < ` + now + `), count(*) filter (where urged > 0)
		from incident.record where open and ` + where + ` group by grouping sets ((), (state), (left(class, 3)), (region))`
	if !from.IsZero() {
		sql += ` union all select state, '', '', 3, count(*), 0, 0 from incident.record
			where not open and reported >= ` + a.put(from) + ` and ` + where + ` group by state`
	}
	type row struct {
		state, group, region string
		set                  int
		all, late, urged     int
	}
	rows, err := database.Collect(ctx, s.wall, scope, sql, a, func(r pgx.CollectableRow) (v row, err error) {
		err = r.Scan(&v.state, &v.group, &v.region, &v.set, &v.all, &v.late, &v.urged)
		return v, err
	})
	if err != nil {
		return Counts{}, fmt.Errorf("count cases: %w", err)
	}
	for _, r := range rows {
		switch r.set { // a bit for each column that is not grouped by: state, class, region
		case 0b111:
			out.Open, out.Late, out.Urged = r.all, r.late, r.urged
		case 0b011:
			out.ByState[flow.State(r.state)] += r.all
		case 0b101:
			out.ByGroup[r.group] = r.all
		case 0b110:
			out.ByRegion[r.region] = Tally{r.all, r.late}
		}
	}
	return out, nil
}
