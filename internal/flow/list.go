package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"onecity/internal/calendar"

	"github.com/jackc/pgx/v5"
)

// waitingSQL finds what waits for a person, counts it, and reads one page.
//
// reach has a row for each state that the person may lead an item out of and
// each subtree they may do so in; own has those of items that wait for them in
// person. forbid are the "event actor" pairs that four eyes exclude.
const waitingSQL = `
with reach as (
	select * from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[]) as r(machine, state, axis, lo, hi, forbid)
), own as (
	select * from unnest($7::text[], $8::text[], $9::text[]) as o(machine, state, forbid)
), mine as materialized (
	select i.machine, i.id, i.due, i.since, i.region, i.org, i.title, i.level
	from reach r join flow.item i on i.machine = r.machine and i.state = r.state and i.region >= r.lo and i.region < r.hi
	where r.axis = 0 and i.open and i.waits and i.subject = '' and not i.hands && string_to_array(r.forbid, e'\n')
	union
	select i.machine, i.id, i.due, i.since, i.region, i.org, i.title, i.level
	from reach r join flow.item i on i.machine = r.machine and i.state = r.state and i.org >= r.lo and i.org < r.hi
	where r.axis = 1 and i.open and i.waits and i.subject = '' and not i.hands && string_to_array(r.forbid, e'\n')
	union
	select i.machine, i.id, i.due, i.since, i.region, i.org, i.title, i.level
	from own o join flow.item i on i.machine = o.machine and i.state = o.state
	where i.open and i.subject = $10 and $10 <> '' and not i.hands && string_to_array(o.forbid, e'\n')
), chosen as materialized (
	select machine, id, due, since from mine
	where starts_with(region, $11) and starts_with(org, $12) and level >= $13 and (not $14 or due < $15)
		and ($16 = '' or position(lower($16) in lower(title)) > 0 or position(lower($16) in lower(id)) > 0)
), counts as (
	select count(*) as total, count(*) filter (where due < $15) as overdue, count(*) filter (where due >= $15 and due < $17) as today
	from chosen
), page as (
	select machine, id from chosen order by due nulls last, since, machine, id offset $18 limit $19
)
select counts.total, counts.overdue, counts.today, ` + pageColumns + `
from counts, page p join flow.item i on i.machine = p.machine and i.id = p.id
order by i.due nulls last, i.since, i.machine, i.id`

const pageColumns = `i.machine, i.id, i.title, i.state, i.version, i.region, i.org, i.subject, i.since, i.due, i.warn_at, i.level, i.data, i.hands, i.strike_at`

const (
	defaultPage = 50
	mostPage    = 500
)

// last sorts behind every text that begins with what stands before it.
const last = "\U0010FFFF"

// Waiting is the one list of what waits for a person: items in a state with a
// clock that they may lead out of, and items that wait for them in person;
// not what four eyes forbid them. What is overdue comes first, then what is due
// soonest.
func (e *Engine) Waiting(ctx context.Context, who Seer, f Filter, p Page) (Waiting, error) {
	if p.Limit <= 0 {
		p.Limit = defaultPage
	}
	p.Limit, p.Offset = min(p.Limit, mostPage), max(p.Offset, 0)
	out, err := e.waiting(ctx, who, f, p)
	if err == nil && len(out.Items) == 0 && p.Offset > 0 {
		// behind the end: the counts come with the rows
		out, err = e.waiting(ctx, who, f, Page{Limit: 1})
		out.Items = []Item{}
	}
	if err != nil {
		return Waiting{}, fmt.Errorf("read what waits for %s: %w", who.Subject, err)
	}
	return out, nil
}

func (e *Engine) waiting(ctx context.Context, who Seer, f Filter, p Page) (Waiting, error) {
	out := Waiting{Items: []Item{}}
	rows, err := e.pool.Query(ctx, waitingSQL, e.waitingArgs(who, f, p)...)
	if err != nil {
		return Waiting{}, err
	}
	var it Item
	into := append([]any{&out.Counts.Total, &out.Counts.Overdue, &out.Counts.DueToday}, it.into()...)
	_, err = pgx.ForEachRow(rows, into, func() error {
		out.Items = append(out.Items, it)
		it = Item{} // the next row must not write into this one's memory
		return nil
	})
	return out, err
}

// reachRows and ownRows are the columns of waitingSQL's first two tables.
type (
	reachRows struct {
		machine, state, lo, hi, forbid []string
		axis                           []int32
	}
	ownRows struct{ machine, state, forbid []string }
)

func (e *Engine) waitingArgs(who Seer, f Filter, p Page) []any {
	var reach reachRows
	var own ownRows
	seen := map[string]bool{}
	once := func(parts ...string) bool {
		key := strings.Join(parts, "\x00")
		had := seen[key]
		seen[key] = true
		return !had
	}
	for _, name := range e.names() {
		m := e.machines[name]
		if f.Machines != nil && !slices.Contains(f.Machines, name) {
			continue
		}
		for _, t := range m.Transitions {
			if t.Action == BySystem {
				continue
			}
			forbid := t.forbidden(who.Subject)
			var reached []Subtree
			if t.Action != BySubject && who.Reach != nil {
				reached = who.Reach(t.Action)
			}
			for _, from := range t.From {
				if f.States != nil && !slices.Contains(f.States, from) {
					continue
				}
				if once("own", name, string(from), forbid) {
					own.add(name, string(from), forbid)
				}
				if def, _ := m.state(from); def.Clock == nil {
					continue
				}
				for _, sub := range reached {
					if once("reach", name, string(from), string(rune('0'+sub.Axis)), sub.Prefix, forbid) {
						reach.add(name, string(from), forbid, sub)
					}
				}
			}
		}
	}
	now := micro(e.now())
	midnight := calendar.DateOf(now).Next(1).Start()
	return []any{
		reach.machine, reach.state, reach.axis, reach.lo, reach.hi, reach.forbid,
		own.machine, own.state, own.forbid, who.Subject,
		f.Region, f.Org, f.MinLevel, f.Overdue, now, f.Text, midnight, p.Offset, p.Limit,
	}
}

func (r *reachRows) add(machine, state, forbid string, s Subtree) {
	r.machine, r.state, r.forbid = append(r.machine, machine), append(r.state, state), append(r.forbid, forbid)
	r.axis = append(r.axis, int32(s.Axis))
	r.lo, r.hi = append(r.lo, s.Prefix), append(r.hi, s.Prefix+last)
}

func (o *ownRows) add(machine, state, forbid string) {
	o.machine, o.state, o.forbid = append(o.machine, machine), append(o.state, state), append(o.forbid, forbid)
}

// forbidden are the hands that four eyes keep from a transition if they are
// the subject's, one a line.
func (t *Transition) forbidden(subject string) string {
	var out []string
	for _, e := range t.NotBy {
		out = append(out, hand(e, subject))
	}
	return strings.Join(out, "\n")
}
