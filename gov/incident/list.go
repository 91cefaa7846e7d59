package incident

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// The length of a page.
const (
	defaultPage = 50
	mostPage    = 500
	// mostFound is how many of the newest cases a search for words looks at.
	mostFound = 500
)

// Orders of a list. Urgency and due are orders of what is open.
const (
	ByUrgency = "urgency" // the gravest first, among them the urged and escalated, then what runs out soonest
	ByNewest  = "newest"
	ByDue     = "due"
)

// order is how a list is sorted and where a page begins in it.
type order struct {
	sql   string
	after func(*args, cursor) string
}

// cursor is the last case of a page, as Page.Next carries it.
type cursor struct {
	Rank     int       `json:"k,omitempty"`
	Runs     time.Time `json:"r,omitzero"` // zero: never
	Reported time.Time `json:"t,omitzero"`
	ID       string    `json:"i"`
}

var orders = map[string]order{
	ByUrgency: {"rank, runs, id", func(a *args, c cursor) string {
		return "(rank, runs, id) > (" + a.put(c.Rank) + "::smallint, " + a.until(c.Runs) + ", " + a.put(c.ID) + ")"
	}},
	ByDue: {"runs, id", func(a *args, c cursor) string {
		return "(runs, id) > (" + a.until(c.Runs) + ", " + a.put(c.ID) + ")"
	}},
	ByNewest: {"reported desc, id desc", func(a *args, c cursor) string {
		return "(reported, id) < (" + a.put(c.Reported) + ", " + a.put(c.ID) + ")"
	}},
}

// args are a query's arguments as it is written.
type args []any

func (a *args) put(v any) string {
	*a = append(*a, v)
	return fmt.Sprintf("$%d", len(*a))
}

// until is a time, or infinity for none.
func (a *args) until(t time.Time) string {
	if t.IsZero() {
		return "'infinity'::timestamptz"
	}
	return a.put(t)
}

// List is a page of the cases that a reader sees. ErrInvalid for an order or
// an After that is none.
func (s *Service) List(ctx context.Context, scope database.Scope, q Query) (Page, error) {
	out := Page{Items: []Case{}}
	q.settle()
	o, ok := orders[q.Order]
	if !ok {
		return out, &Invalid{Field: "order", Why: words("应为 urgency、newest 或 due", "is urgency, newest or due")}
	}
	var a args
	conditions := []string{seen(&a, scope, q.Region)}
	conditions = append(conditions, q.conditions(&a, micro(s.opt.Now()))...)
	if q.Text != "" {
		found, err := s.find(ctx, scope, q)
		if err != nil {
			return out, err
		}
		conditions = append(conditions, "id = any("+a.put(found)+")")
		for _, word := range strings.Fields(q.Text) {
			like := a.put("%" + escape(word) + "%")
			conditions = append(conditions, fmt.Sprintf("(title ilike %[1]s or no ilike %[1]s or address ilike %[1]s or description ilike %[1]s)", like))
		}
	}
	if q.After != "" {
		c, err := readCursor(q.After)
		if err != nil {
			return out, &Invalid{Field: "after", Why: words("不是上一页给出的", "is not what the page before said")}
		}
		conditions = append(conditions, o.after(&a, c))
	}
	type row struct {
		c    Case
		rank int
	}
	rows, err := database.Collect(ctx, s.wall, scope, `select rank, `+recordColumns+` from incident.record
		where id in (select id from incident.record where `+strings.Join(conditions, " and ")+` order by `+o.sql+` limit `+a.put(q.Limit+1)+`)
		order by `+o.sql, a, func(r pgx.CollectableRow) (out row, err error) {
		err = r.Scan(append([]any{&out.rank}, out.c.into()...)...)
		return out, err
	})
	if err != nil {
		return out, fmt.Errorf("list cases: %w", err)
	}
	for i, r := range rows {
		if i == q.Limit {
			last := rows[i-1]
			out.Next = cursorOf(&last.c, last.rank)
			break
		}
		out.Items = append(out.Items, r.c)
	}
	return out, nil
}

// settle fills in what a query leaves open.
func (q *Query) settle() {
	if q.Limit <= 0 {
		q.Limit = defaultPage
	}
	q.Limit = min(q.Limit, mostPage)
	if q.Order == "" {
		q.Order = ByNewest
	}
	if q.Late || q.Order == ByUrgency || q.Order == ByDue {
		q.Open = true
	}
	if len(q.States) > 0 && !slices.ContainsFunc(q.States, ended) {
		q.Open = true // an index of what is open serves
	}
	if q.Open && len(q.States) > 0 {
		q.States = slices.DeleteFunc(slices.Clone(q.States), ended)
		if len(q.States) == 0 {
			q.States = []flow.State{"none"} // open ones that are at an end
		}
	}
	q.Text = clean(q.Text)
}

// conditions are the query's, beside where.
func (q *Query) conditions(a *args, now time.Time) []string {
	var out []string
	add := func(set bool, sql func() string) {
		if set {
			out = append(out, sql())
		}
	}
	add(len(q.IDs) > 0, func() string { return "id = any(" + a.put(q.IDs) + ")" })
	add(q.Open, func() string { return "open" })
	add(len(q.States) > 0, func() string {
		states := make([]string, len(q.States))
		for i, s := range q.States {
			states[i] = string(s)
		}
		if len(states) == 1 {
			return "state = " + a.put(states[0]) // which an index has in the order of urgency
		}
		return "state = any(" + a.put(states) + ")"
	})
	add(q.Class != "", func() string { return within(a, "class", q.Class) })
	add(q.Channel != "", func() string { return "channel = " + a.put(q.Channel) })
	add(q.Handler != "", func() string { return "handler = " + a.put(q.Handler) + " and handler <> ''" })
	add(q.Unit != "", func() string { return "unit = " + a.put(q.Unit) + " and unit <> ''" })
	add(q.Org != "", func() string { return within(a, "org", q.Org) + " and org <> ''" })
	add(q.Late, func() string { return "runs < " + a.put(now) })
	add(q.Urged, func() string { return "urged > 0" })
	add(!q.From.IsZero(), func() string { return "reported >= " + a.put(q.From) })
	add(!q.To.IsZero(), func() string { return "reported < " + a.put(q.To) })
	return out
}

// find are the newest cases with the query's words, by id. It asks outside the
// second wall, under which PostgreSQL does not use the index of words; the list
// itself is read behind it.
func (s *Service) find(ctx context.Context, scope database.Scope, q Query) ([]string, error) {
	var a args
	conditions := []string{seenIn(&a, scope, q.Region)}
	for _, word := range strings.Fields(q.Text) {
		if grams := gramsIn(word); len([]rune(word)) > 1 && len(grams) > 0 {
			conditions = append(conditions, "grams @> "+a.put(grams))
		} else {
			like := a.put("%" + escape(word) + "%")
			conditions = append(conditions, "open", fmt.Sprintf("(title ilike %[1]s or address ilike %[1]s)", like)) // one letter alone is in no index
		}
	}
	conditions = append(conditions, q.conditions(&a, micro(s.opt.Now()))...)
	sql := `select id from incident.record where ` + strings.Join(conditions, " and ") + ` order by reported desc limit ` + a.put(mostFound)
	// planned for these words: how to go about it depends on how common they are
	rows, err := s.pool.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, a...)...)
	if err != nil {
		return nil, fmt.Errorf("look for cases: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for cases: %w", err)
	}
	return some(ids), nil
}

func escape(s string) string { return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) }

// last sorts behind every text that begins with what stands before it.
const last = "\U0010FFFF"

// within is the condition that a column begins with a prefix.
func within(a *args, column, prefix string) string {
	return fmt.Sprintf("%s >= %s and %s < %s", column, a.put(prefix), column, a.put(prefix+last))
}

// seen is the first wall: the condition that a case is in a scope, and in a
// region when one is named.
func seen(a *args, scope database.Scope, region string) string {
	var any []string
	for _, p := range scope.Layers[Layer] {
		prefix := p.Prefix
		switch {
		case strings.HasPrefix(region, p.Prefix):
			prefix = region
		case !strings.HasPrefix(p.Prefix, region):
			continue
		}
		one := "grade <= " + a.put(int16(p.Grade))
		if prefix != "" {
			one = within(a, "region", prefix) + " and " + one
		}
		any = append(any, "("+one+")")
	}
	if any == nil {
		return "false"
	}
	return "(" + strings.Join(any, " or ") + ")"
}

// seenIn is seen for a search of words, whose index knows the city, the town, the
// village and the grid that a case is in.
func seenIn(a *args, scope database.Scope, region string) string {
	pieces := scope.Layers[Layer]
	if len(pieces) != 1 {
		return seen(a, scope, region)
	}
	prefix := pieces[0].Prefix
	if strings.HasPrefix(region, prefix) {
		prefix = region
	}
	if !strings.HasPrefix(prefix, region) || !slices.Contains([]int{6, 9, 12, 15}, len(prefix)) {
		return seen(a, scope, region)
	}
	return "array[left(region, 6), left(region, 9), left(region, 12), left(region, 15)] @> array[" + a.put(prefix) + "] and grade <= " + a.put(int16(pieces[0].Grade))
}

func cursorOf(c *Case, rank int) string {
	out := cursor{Rank: rank, Reported: c.Reported, ID: c.ID}
	for _, t := range []*time.Time{c.Due, c.Final} {
		if t != nil && (out.Runs.IsZero() || t.Before(out.Runs)) {
			out.Runs = *t
		}
	}
	body, err := json.Marshal(out)
	if err != nil {
		panic("incident: a cursor cannot be told: " + err.Error()) // numbers, words and times that the database gave
	}
	return base64.RawURLEncoding.EncodeToString(body)
}

func readCursor(s string) (c cursor, err error) {
	body, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(body, &c)
	}
	return c, err
}
