package flow

import (
	"context"
	"fmt"
	"strings"

	"onecity/internal/calendar"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

// waitingSQL finds what waits for a person, counts it, and reads one page.
//
// reach has a row for each state that the person may lead an item out of and
// each subtree they may do so in; own has those of items that wait for them in
// person. forbid are the "event actor" pairs that four eyes exclude, and barred
// the items that they do: so the first parts of mine need not look at an item's
// hands, and an index alone serves.
//
// An item that waits for one person is in none of the first two parts of mine,
// so only those two can have an item twice; apart says that they do not.
func waitingSQL(apart bool) string {
	union := " union "
	if apart {
		union = " union all " // saves comparing all that waits in a city
	}
	var parts []string
	for axis, column := range []string{"region", "org"} {
		parts = append(parts, fmt.Sprintf(`
	select i.machine, i.id, i.due, i.since
	from reach r join flow.item i on i.machine = r.machine and i.state = r.state and i.%[2]s >= r.lo and i.%[2]s < r.hi
	where r.axis = %[1]d and i.open and i.waits and i.subject = ''
		and (r.forbid = '' or (i.machine, i.id, r.forbid) not in (select machine, id, forbid from barred))`, axis, column)+waitingFilter)
	}
	return `
with reach as materialized (
	select * from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[]) as r(machine, state, axis, lo, hi, forbid)
), own as (
	select * from unnest($7::text[], $8::text[], $9::text[]) as o(machine, state, forbid)
), barred as (
	select * from unnest($20::text[], $21::text[], $22::text[]) as b(machine, id, forbid)
), mine as materialized (` + strings.Join(parts, union) + `
	union all
	select i.machine, i.id, i.due, i.since
	from flow.item i
	where i.open and i.subject = $10 and i.subject <> ''
		and exists (select from own o where i.machine = o.machine and i.state = o.state
			and (o.forbid = '' or not i.hands && string_to_array(o.forbid, e'\n')))` + waitingFilter + `
), counts as materialized (
	select sum(n)::bigint as total, sum(overdue)::bigint as overdue, sum(today)::bigint as today, jsonb_object_agg(machine, n) as machines
	from (select machine, count(*) as n, count(*) filter (where due < $15) as overdue, count(*) filter (where due >= $15 and due < $17) as today
		from mine group by machine) by
), page as (
	select machine, id from mine order by due nulls last, since, machine, id offset $18 limit $19
)
select counts.total, counts.overdue, counts.today, counts.machines, ` + pageColumns + `
from counts, page p join flow.item i on i.machine = p.machine and i.id = p.id
order by i.due nulls last, i.since, i.machine, i.id`
}

// barredSQL finds the open items that four eyes exclude a person from. It is
// asked outside the second wall, under which PostgreSQL does not use the index
// of hands; what it finds is only left out.
const barredSQL = `
select i.machine, i.id, f.forbid
from unnest($1::text[], $2::text[], $3::text[]) as f(machine, state, forbid)
	join flow.item i on i.machine = f.machine and i.state = f.state and i.hands && string_to_array(f.forbid, e'\n')
where i.open and i.hands <> '{}'`

// waitingFilter is the Filter's part that is not in reach and own.
const waitingFilter = `
		and ($11 = '' or starts_with(i.region, $11)) and ($12 = '' or starts_with(i.org, $12)) and i.level >= $13 and (not $14 or i.due < $15)
		and ($16 = '' or position(lower($16) in lower(i.title)) > 0 or position(lower($16) in lower(i.id)) > 0)`

const pageColumns = `i.machine, i.id, i.title, i.state, i.version, i.region, i.org, i.subject, i.since, i.due, i.warn_at, i.level, i.data, i.hands, i.strike_at, i.clock_job`

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
	out := Waiting{Items: []Item{}, Counts: Counts{Machines: map[string]int{}}}
	wall, err := e.wall(ctx)
	if err != nil {
		return Waiting{}, err
	}
	ways := e.ways(who, f)
	no, err := e.barred(ctx, ways)
	if err != nil {
		return Waiting{}, err
	}
	sql, args := e.waitingQuery(ways, no, who, f, p)
	items, err := database.Collect(ctx, wall, e.scope(who, f), sql, args, func(row pgx.CollectableRow) (it Item, err error) {
		err = row.Scan(append([]any{&out.Counts.Total, &out.Counts.Overdue, &out.Counts.DueToday, &out.Counts.Machines}, it.into()...)...)
		return it, err
	})
	out.Items = append(out.Items, items...)
	return out, err
}

// barred are items that four eyes exclude somebody from, in columns.
type barred struct{ machine, id, forbid []string }

func (e *Engine) barred(ctx context.Context, ways []way) (barred, error) {
	out := barred{[]string{}, []string{}, []string{}}
	var machine, state, forbid []string
	for _, w := range ways {
		if w.forbid != "" && !w.own {
			machine, state, forbid = append(machine, w.machine), append(state, string(w.state)), append(forbid, w.forbid)
		}
	}
	if machine == nil {
		return out, nil
	}
	rows, err := e.pool.Query(ctx, barredSQL, machine, state, forbid)
	if err != nil {
		return out, err
	}
	var m, id, no string
	_, err = pgx.ForEachRow(rows, []any{&m, &id, &no}, func() error {
		out.machine, out.id, out.forbid = append(out.machine, m), append(out.id, id), append(out.forbid, no)
		return nil
	})
	return out, err
}

func (e *Engine) waitingQuery(ways []way, no barred, who Seer, f Filter, p Page) (sql string, args []any) {
	now := micro(e.now())
	midnight := calendar.DateOf(now).Next(1).Start()
	var machine, state, lo, hi, forbid []string
	var axis []int32
	var ownMachine, ownState, ownForbid []string
	for _, w := range ways {
		if w.own {
			ownMachine, ownState, ownForbid = append(ownMachine, w.machine), append(ownState, string(w.state)), append(ownForbid, w.forbid)
			continue
		}
		machine, state, forbid = append(machine, w.machine), append(state, string(w.state)), append(forbid, w.forbid)
		axis, lo, hi = append(axis, int32(w.tree.Axis)), append(lo, w.tree.Prefix), append(hi, w.tree.Prefix+last)
	}
	return waitingSQL(apart(ways)), []any{
		machine, state, axis, lo, hi, forbid, ownMachine, ownState, ownForbid, who.Subject,
		f.Region, f.Org, f.MinLevel, f.Overdue, now, f.Text, midnight, p.Offset, p.Limit,
		no.machine, no.id, no.forbid,
	}
}
