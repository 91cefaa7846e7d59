package evaluation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"onecity/gov/incident"
)

// many is how many cases there are in the benchmark: three years of a city.
const many = 1_000_000

// fill makes what the cases of three years count for, in SQL: nine parts a
// case, of 200 villages in ten towns, a hundred classes, sixty units.
func (w *loop) fill(b *testing.B) {
	b.Helper()
	if err := w.CatchUp(b.Context()); err != nil { // the state's row
		b.Fatal(err)
	}
	for _, sql := range []string{
		fmt.Sprintf(`create unlogged table made as select 'c' || i as id, d as day,
			'3205831' || lpad((i %% 10)::text, 2, '0') || lpad((i / 10 %% 20)::text, 3, '0') || '001' as region,
			'E' || lpad((i * 7 %% 100)::text, 4, '0') as class, '0001' || lpad((i %% 12)::text, 4, '0') as org, 'u' || i * 13 %% 60 as unit,
			'person:' || i * 11 %% 300 as who, (i %% 20 <> 0)::int as timely
			from generate_series(1, %d) i, lateral (select date '2026-11-24' - (i %% 1095) as d) e`, many),
		`insert into evaluation.fact (id, region, class, org, first, last, areas, parts)
			select id, region, class, org, day, day, array['r', 'r320583', 'r' || left(region, 9), 'o0001', 'o' || org],
				(select jsonb_agg(jsonb_build_object('t', to_char(day, 'YYYY-MM-DD"T02:00:00Z"'), 'm', m, 'n', case when m = any(array[10, 17]) then timely else 1 end, 'u', unit, 'p', who))
					from unnest(array[0, 1, 4, 8, 9, 10, 15, 16, 17]) m) from made`,
		`insert into evaluation.tally (area, dim, day, key, n)
			select area, dim, day, key, array[count(*), count(*), 0, 0, count(*), 0, 0, 0, count(*), 0, count(*), count(*), sum(timely), 0, 0, 0, 0, count(*), count(*), sum(timely)]::float8[]
			from made, unnest(array['r', 'r320583', 'r' || left(region, 9), 'o0001', 'o' || org]) area,
				lateral (values ('all', ''), ('region', case length(area) when 10 then left(region, 12) else left(region, 9) end),
					('class', class), ('org', org), ('unit', unit), ('person', who)) k(dim, key)
			group by area, dim, day, key`,
		`analyze evaluation.fact`, `analyze evaluation.tally`,
	} {
		if _, err := w.pool.Exec(b.Context(), sql); err != nil {
			b.Fatalf("%s: %v", sql[:60], err)
		}
	}
}

func BenchmarkEvaluationAtAMillionCases(b *testing.B) {
	w := open(b)
	w.fill(b)
	for _, c := range []struct {
		name string
		q    Query
	}{
		{"city-by-town-month", Query{By: ByRegion, From: today.Next(-30), To: today}},
		{"city-by-town-year", Query{By: ByRegion, From: today.Next(-365), To: today}},
		{"city-by-class-month", Query{By: ByClass, From: today.Next(-30), To: today}},
		{"city-by-class-year", Query{By: ByClass, From: today.Next(-365), To: today}},
		{"city-by-person-month", Query{By: ByPerson, From: today.Next(-30), To: today}},
		{"town-by-village-month", Query{By: ByRegion, Region: "320583100", From: today.Next(-30), To: today}},
		{"village-by-unit-month", Query{By: ByUnit, Region: "320583100001", From: today.Next(-30), To: today}},
		{"village-by-unit-year", Query{By: ByUnit, Region: "320583100001", From: today.Next(-365), To: today}},
	} {
		c.q.Within = everywhere
		b.Run(c.name, func(b *testing.B) {
			timed(b, func() error {
				_, err := w.Table(b.Context(), c.q)
				return err
			})
		})
	}
	for name, region := range map[string]string{"panel-of-the-city": "320583", "panel-of-a-town": "320583100", "panel-of-a-village": "320583100001"} {
		b.Run(name, func(b *testing.B) {
			timed(b, func() error {
				_, err := w.Panel(b.Context(), everywhere, incident.Whole(), region)
				return err
			})
		})
	}
	b.Run("today", func(b *testing.B) {
		timed(b, func() error {
			_, err := w.Today(b.Context(), []string{""}, morning)
			return err
		})
	})
	b.Run("brief-of-a-day-last-year", func(b *testing.B) {
		timed(b, func() error {
			_, err := w.Brief(b.Context(), everywhere, incident.Whole(), "320583100", today.Next(-365))
			return err
		})
	})
}

// timed reports the median beside the mean.
func timed(b *testing.B, ask func() error) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
}
