package evaluation

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"onecity/geo"
	"onecity/internal/calendar"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

// maxDays is the longest period that one table is made of.
const maxDays = 3700

// Table evaluates. ErrOutside when the region is none that the reader may
// count, ErrRange when the period is none.
func (s *Service) Table(ctx context.Context, q Query) (Table, error) {
	if q.To.Before(q.From) || q.From.Next(maxDays).Before(q.To) {
		return Table{}, ErrRange
	}
	tree := s.o.Regions()
	where, err := reach(tree, q)
	if err != nil {
		return Table{}, err
	}
	indicators, formulas, err := s.formulas(ctx, q.To)
	if err != nil {
		return Table{}, err
	}
	t := Table{By: q.By, Region: q.Region, From: q.From, To: q.To, Indicators: indicators, Measures: Measures(), Rows: []Row{}}
	t.RegionName = nameOf(tree, q.Region)
	rows, total, err := s.sum(ctx, tree, where, q)
	if err != nil {
		return Table{}, fmt.Errorf("evaluate: %w", err)
	}
	if q.By == ByPost {
		rows = s.posts(ctx, rows)
	}
	if q.By == ByRegion && len(where) == 1 && where[0].org == "" {
		for _, r := range tree.Children(geo.Code(where[0].base(tree))) {
			if rows[string(r.Code)] == nil {
				rows[string(r.Code)] = &Counts{} // nothing happened there
			}
		}
	}
	t.Total = rowOf("", "合计 Total", total, indicators, formulas)
	names := s.namesOf(ctx, tree, q.By, rows)
	for key, c := range rows {
		t.Rows = append(t.Rows, rowOf(key, names[key], c, indicators, formulas))
	}
	slices.SortFunc(t.Rows, func(a, b Row) int {
		if q.By == ByRegion {
			return cmp.Compare(a.Key, b.Key)
		}
		return cmp.Or(cmp.Compare(b.counts[Due]+b.counts[Reports], a.counts[Due]+a.counts[Reports]), cmp.Compare(a.Key, b.Key))
	})
	return t, nil
}

// formulas are the indicators of a day, ready to be used.
func (s *Service) formulas(ctx context.Context, on calendar.Date) ([]Indicator, []*Formula, error) {
	list, err := s.Indicators(ctx, on)
	if err != nil {
		return nil, nil, err
	}
	out := make([]*Formula, len(list))
	for i := range list {
		if out[i], err = Parse(list[i].Formula); err != nil {
			return nil, nil, fmt.Errorf("indicator %s: %w", list[i].Code, err)
		}
	}
	return list, out, nil
}

// rowOf makes the indicators of counts.
func rowOf(key, name string, c *Counts, indicators []Indicator, formulas []*Formula) Row {
	r := Row{Key: key, Name: cmp.Or(name, key), Values: make(map[string]*float64, len(indicators)), Counts: c.Map(), counts: *c}
	for i, f := range formulas {
		r.Values[indicators[i].Code] = nil
		if v, known := f.Value(c); known {
			v = math.Round(v*10000) / 10000
			r.Values[indicators[i].Code] = &v
		}
	}
	return r
}

// place is where is counted: a region, an organisation, or an organisation's
// cases in a region.
type place struct{ region, org string }

// area is the place's sums by day, if it has any.
func (p place) area(tree *geo.Regions) (string, bool) {
	switch {
	case p.org == "":
		return "r" + p.region, summed(tree, p.region)
	case p.region == "":
		return "o" + p.org, true
	}
	return "", false
}

// base is the region whose parts are the rows: the city where none is named.
func (p place) base(tree *geo.Regions) string {
	if p.region == "" && len(tree.Roots()) == 1 {
		return string(tree.Roots()[0].Code)
	}
	return p.region
}

// reach is where a query counts: what it asks for, within what its reader may.
// No place is in another one.
func reach(tree *geo.Regions, q Query) ([]place, error) {
	var out []place
	for _, r := range outermost(q.Within.Regions) {
		switch {
		case strings.HasPrefix(q.Region, r):
			return []place{{region: q.Region}}, nil
		case strings.HasPrefix(r, q.Region):
			out = append(out, place{region: r})
		}
	}
	for _, o := range outermost(q.Within.Orgs) {
		if o == "" {
			return []place{{region: q.Region}}, nil
		}
		out = append(out, place{region: q.Region, org: o})
	}
	if len(out) == 0 {
		return nil, ErrOutside
	}
	return out, nil
}

// sum adds up the parts of a period, by key and in all.
func (s *Service) sum(ctx context.Context, tree *geo.Regions, where []place, q Query) (map[string]*Counts, *Counts, error) {
	regions, orgs := 0, 0
	fast := true
	for _, p := range where {
		if p.org == "" {
			regions++
		} else {
			orgs++
		}
		_, ok := p.area(tree)
		fast = fast && ok
	}
	dim := dimOf(q.By)
	// An organisation's cases lie in regions: only alike places are apart.
	if fast && (regions == 0 || orgs == 0) {
		return s.sumDays(ctx, tree, where, dim, q)
	}
	rows, total := map[string]*Counts{}, &Counts{}
	base := q.Region
	if len(where) == 1 {
		base = where[0].base(tree)
	}
	err := s.facts(ctx, where, q.From, q.To, func(f *fact) {
		region := below(tree, base, f.Region)
		for i := range f.Parts {
			p := &f.Parts[i]
			if day := calendar.DateOf(p.At); day.Before(q.From) || q.To.Before(day) {
				continue
			}
			total[p.Measure] += p.N
			if key := f.keyIn(dim, p, region); key != "" {
				countsOf(rows, key)[p.Measure] += p.N
			}
		}
	})
	return rows, total, err
}

func dimOf(by By) string {
	if by == ByPost {
		return dimPerson
	}
	return string(by)
}

func countsOf(rows map[string]*Counts, key string) *Counts {
	c := rows[key]
	if c == nil {
		c = &Counts{}
		rows[key] = c
	}
	return c
}

// eachSum adds up each measure by itself, which is several times as quick as
// to take the arrays apart.
var eachSum = func() string {
	sums := make([]string, measures)
	for m := range sums {
		sums[m] = fmt.Sprintf("coalesce(sum(n[%d]), 0)", m+1)
	}
	return strings.Join(sums, ", ")
}()

// sumDays adds up sums by day.
func (s *Service) sumDays(ctx context.Context, tree *geo.Regions, where []place, dim string, q Query) (map[string]*Counts, *Counts, error) {
	areas := make([]string, len(where))
	for i, p := range where {
		if p.org == "" {
			p.region = p.base(tree)
		}
		areas[i], _ = p.area(tree)
	}
	each := dim == dimRegion && len(where) > 1 && where[0].org == ""
	if each {
		dim = dimAll // the rows are the places themselves
	}
	rows, err := s.pool.Query(ctx, `select area, dim, key, array[`+eachSum+`] from evaluation.tally
		where area = any($1) and dim = any($2) and day between $3 and $4 group by area, dim, key`,
		areas, []string{dimAll, dim}, q.From.String(), q.To.String())
	if err != nil {
		return nil, nil, err
	}
	out, total := map[string]*Counts{}, &Counts{}
	var area, of, key string
	var n []float64
	_, err = pgx.ForEachRow(rows, []any{&area, &of, &key, &n}, func() error {
		var c Counts
		copy(c[:], n)
		switch {
		case of == dimAll && each:
			countsOf(out, area[1:]).add(&c)
			total.add(&c)
		case of == dimAll:
			total.add(&c)
		default:
			countsOf(out, key).add(&c)
		}
		return nil
	})
	for key, c := range out {
		if *c == (Counts{}) {
			delete(out, key)
		}
	}
	return out, total, err
}

// facts visits what the cases of some places count for, if they did in a
// period.
func (s *Service) facts(ctx context.Context, where []place, from, to calendar.Date, fn func(*fact)) error {
	var conditions []string
	args := []any{from.String(), to.String()}
	for _, p := range where {
		args = append(args, database.Pattern(p.region), database.Pattern(p.org))
		conditions = append(conditions, fmt.Sprintf("(region like $%d and org like $%d)", len(args)-1, len(args)))
	}
	rows, err := s.pool.Query(ctx, `select id, region, class, org, parts from evaluation.fact
		where first <= $2 and last >= $1 and daterange(first, last, '[]') && daterange($1, $2, '[]') and (`+strings.Join(conditions, " or ")+`)`, args...)
	if err != nil {
		return err
	}
	f := fact{}
	_, err = pgx.ForEachRow(rows, []any{&f.ID, &f.Region, &f.Class, &f.Org, &f.Parts}, func() error {
		fn(&f)
		f.Parts = nil
		return nil
	})
	return err
}

// between is what one place counts from one moment to another.
func (s *Service) between(ctx context.Context, p place, from, to time.Time) (*Counts, error) {
	total := &Counts{}
	err := s.facts(ctx, []place{p}, calendar.DateOf(from), calendar.DateOf(to), func(f *fact) {
		for i := range f.Parts {
			if q := &f.Parts[i]; !q.At.Before(from) && q.At.Before(to) {
				total[q.Measure] += q.N
			}
		}
	})
	return total, err
}
