package evaluation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"onecity/geo"
	"onecity/gov/incident"
	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// mostLate is how many late cases are shown one by one.
const mostLate = 60

// waiting says what each state waits for, when that has taken too long.
var waiting = map[flow.State]Words{
	incident.Reported:    {"上报后尚未审核立案", "not judged yet"},
	incident.Established: {"已立案，尚未派遣", "established, nobody was sent"},
	incident.Offered:     {"已广播，无人抢单", "called out, nobody has taken it"},
	incident.Assigned:    {"已派遣，尚未接单", "sent, not accepted"},
	incident.Accepted:    {"已接单，尚未到场", "accepted, not on the scene"},
	incident.Handling:    {"已到场，处置未完成", "on the scene, not finished"},
	incident.Delaying:    {"已申请延期，尚未批复", "delay asked for, not answered"},
	incident.Suspended:   {"挂账已到期", "the suspension is over"},
	incident.External:    {"已移交，对方尚未办结", "handed over, not ended there"},
	incident.Handled:     {"处置完毕，尚未核查", "handled, not verified"},
}

// desk waits where a case is with whoever commands: nobody in particular.
var desk = map[flow.State]bool{incident.Reported: true, incident.Established: true, incident.Delaying: true, incident.Handled: true}

// soon is how long before its end a case is told of as due next.
const soon = 2 * time.Hour

// mostNext is how many of those are shown.
const mostNext = 8

// late are the open cases of a region whose time was over at a moment, what
// matters first, as a reader sees them; and who they are with.
func (s *Service) late(ctx context.Context, scope database.Scope, tree *geo.Regions, region string, at time.Time) (list []LateCase, with []Holder, err error) {
	if list, err = s.running(ctx, scope, tree, region, time.Time{}, at, `rank, runs, id`, mostLate); err != nil {
		return nil, nil, err
	}
	with, err = s.holders(ctx, scope, region, at)
	return list, with, err
}

// next are those whose time is over soon after a moment, the soonest first.
func (s *Service) next(ctx context.Context, scope database.Scope, tree *geo.Regions, region string, at time.Time) ([]LateCase, error) {
	return s.running(ctx, scope, tree, region, at, at.Add(soon), `runs, rank, id`, mostNext)
}

// holders are who the late cases of a region are with, the most first. They
// are counted in the database: a city may have ten thousand late ones.
func (s *Service) holders(ctx context.Context, scope database.Scope, region string, at time.Time) ([]Holder, error) {
	wall, err := database.WallOf(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	type group struct {
		org, unit, handler, partner, state string
		n                                  int
		first                              time.Time
	}
	groups, err := database.Collect(ctx, wall, scope, `
		select org, unit, handler, partner, state, count(*), min(runs) from incident.record
		where open and region like $1 and runs < $2 group by org, unit, handler, partner, state`, []any{database.Pattern(region), at},
		func(c pgx.CollectableRow) (g group, err error) {
			err = c.Scan(&g.org, &g.unit, &g.handler, &g.partner, &g.state, &g.n, &g.first)
			return g, err
		})
	if err != nil {
		return nil, fmt.Errorf("count who is late in %s: %w", region, err)
	}
	now := s.o.Now()
	names, by := holderNames{}, map[string]*Holder{}
	for _, g := range groups {
		key, name := s.with(ctx, names, g.state, g.org, g.unit, g.handler, g.partner)
		h := by[key]
		if h == nil {
			h = &Holder{Key: key, Name: name}
			by[key] = h
		}
		h.Late += g.n
		h.Longest = max(h.Longest, int(now.Sub(g.first).Minutes()))
	}
	out := []Holder{}
	for _, h := range by {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b Holder) int { return cmp.Or(cmp.Compare(b.Late, a.Late), cmp.Compare(a.Key, b.Key)) })
	return out, nil
}

// holderNames are keys and names of holders by organisation, unit and handler, each
// asked for once.
type holderNames map[[3]string][2]string

// with is who a case is with: a key, and a name.
func (s *Service) with(ctx context.Context, known holderNames, state, org, unit, handler, partner string) (key, name string) {
	if state == string(incident.External) && partner != "" {
		return "partner:" + partner, partner
	}
	who := [3]string{org, unit, handler}
	if desk[flow.State(state)] {
		who = [3]string{}
	}
	named, ok := known[who]
	if !ok {
		named[0], named[1] = s.holderName(ctx, who[0], who[1], who[2])
		known[who] = named
	}
	return named[0], named[1]
}

// running are the first of the open cases whose clocks run out from one moment
// to another.
func (s *Service) running(ctx context.Context, scope database.Scope, tree *geo.Regions, region string, from, to time.Time, order string, most int) ([]LateCase, error) {
	wall, err := database.WallOf(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	type row struct {
		LateCase
		org, unit, handler, partner, said string
		runs                              time.Time
	}
	rows, err := database.Collect(ctx, wall, scope, `
		select id, no, version, title, address, class, severity, state, region, lon, lat, reported, since, due, level, urged, reworks,
			org, unit, handler, partner, runs, coalesce((
				select text from incident.entry e where e.case_id = r.id and e.text <> '' and e.event in ('decline', 'return', 'ask-delay', 'suspend', 'rework', 'refuse-delay')
					-- Why one unit declined says nothing of the next one.
					and e.seq > coalesce((select max(a.seq) from incident.entry a where a.case_id = r.id and a.event in ('assign', 'offer', 'accept')), -1)
				order by seq desc limit 1), '')
		from incident.record r where open and region like $1 and runs >= $3 and runs < $2
		order by `+order+` limit $4`, []any{database.Pattern(region), to, from, most}, func(c pgx.CollectableRow) (r row, err error) {
		err = c.Scan(&r.ID, &r.No, &r.Version, &r.Title, &r.Address, &r.Class, &r.Severity, &r.State, &r.Region, &r.Lon, &r.Lat, &r.Reported, &r.Since, &r.Due,
			&r.Level, &r.Urged, &r.Reworks, &r.org, &r.unit, &r.handler, &r.partner, &r.runs, &r.said)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what is late in %s: %w", region, err)
	}
	now := s.o.Now()
	known := holderNames{}
	list := []LateCase{}
	for _, r := range rows {
		l := r.LateCase
		l.LateMinutes = int(now.Sub(r.runs).Minutes())
		l.With, l.WithName = s.with(ctx, known, r.State, r.org, r.unit, r.handler, r.partner)
		l.RegionName = nameOf(tree, r.Region)
		if l.Title == "" && s.o.Names != nil {
			l.Title = s.o.Names.Class(ctx, r.Class).ZH
		}
		l.Title = cmp.Or(l.Title, r.Class)
		l.Why = why(flow.State(r.State), r.said)
		list = append(list, l)
	}
	return list, nil
}

// why says what a late case waits for, with the last reason that was given.
func why(state flow.State, said string) Words {
	w := waiting[state]
	if said != "" {
		w.ZH += "（" + said + "）"
		w.EN += " (" + said + ")"
	}
	return w
}

// load is how many cases of a region are open, late, and late soon.
type load struct{ open, late, soon int }

// loads counts the open cases by the parts of a region.
func (s *Service) loads(ctx context.Context, tree *geo.Regions, region string, at time.Time) (map[string]load, load, error) {
	rows, err := s.pool.Query(ctx, `
		select region, count(*), count(*) filter (where runs < $2), count(*) filter (where runs >= $2 and runs < $2::timestamptz + interval '2 hours')
		from incident.record where open and region like $1 group by region`, database.Pattern(region), at)
	if err != nil {
		return nil, load{}, err
	}
	parts, whole := map[string]load{}, load{}
	var code string
	var l load
	_, err = pgx.ForEachRow(rows, []any{&code, &l.open, &l.late, &l.soon}, func() error {
		key := below(tree, region, code)
		p := parts[key]
		parts[key] = load{p.open + l.open, p.late + l.late, p.soon + l.soon}
		whole = load{whole.open + l.open, whole.late + l.late, whole.soon + l.soon}
		return nil
	})
	if err != nil {
		return nil, load{}, fmt.Errorf("count the open cases of %s: %w", region, err)
	}
	return parts, whole, nil
}
