package incident

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Sample is a city's cases of years as a benchmark makes them: one in twenty is
// open.
type Sample struct {
	Cases int
	Now   time.Time // when the last of them is reported; one each 90 seconds before
	// Regions and Classes are codes to choose from.
	Regions, Classes []string
}

// Fill puts a sample into an empty database by COPY, past the loop: nobody is
// told, no clock runs and nothing is counted for an evaluation. It is for
// benchmarks only. The indexes of cases are made anew afterwards, which is
// several times as quick.
func Fill(ctx context.Context, pool *pgxpool.Pool, s Sample) error {
	rows, err := pool.Query(ctx, `select indexname, indexdef from pg_indexes where schemaname = 'incident' and tablename = 'record'
		and indexname like 'record\_%' and indexdef not like '%UNIQUE%'`)
	if err != nil {
		return fmt.Errorf("read the indexes: %w", err)
	}
	type index struct{ Name, Def string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[index])
	if err != nil {
		return fmt.Errorf("read the indexes: %w", err)
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		do := func(sql string, args ...any) error {
			if _, err := tx.Exec(ctx, sql, args...); err != nil {
				return fmt.Errorf("%.60s: %w", sql, err)
			}
			return nil
		}
		for _, i := range indexes {
			if err := do("drop index incident." + pgx.Identifier{i.Name}.Sanitize()); err != nil {
				return err
			}
		}
		// triggers of others, such as the evaluation's, would do each case by itself
		if err := do("alter table incident.record disable trigger user"); err != nil {
			return err
		}
		random := rand.New(rand.NewPCG(1, 2))
		from, err := tx.CopyFrom(ctx, pgx.Identifier{"incident", "record"}, copied, pgx.CopyFromSlice(s.Cases, func(i int) ([]any, error) {
			c := s.made(random, i)
			v := c.values()
			v[17] = string(c.State) // COPY knows no types of ours
			return append(v, c.Version), nil
		}))
		if err != nil || from != int64(s.Cases) {
			return fmt.Errorf("copy %d cases: %d were: %w", s.Cases, from, err)
		}
		if err := do("alter table incident.record enable trigger user"); err != nil {
			return err
		}
		for _, i := range indexes {
			if err := do(i.Def); err != nil {
				return err
			}
		}
		if err := do(`insert into flow.item (machine, id, title, state, version, region, org, subject, since, due, warn_at, data, started, open, waits)
			select $1, id, no || ' ' || title, state, version, region, org, '', since, due, due - interval '1 hour', '{}', reported, open, open
			from incident.record`, MachineName); err != nil {
			return err
		}
		return do(`insert into incident.entry (case_id, at, kind, event, from_, state, by, by_name, text, unit, ref, version)
			select id, since, 'event', e, '', state, case when e = 'accept' then handler else 'grid' end, '', '', unit, '', version
			from incident.record, unnest(array['start', 'assign', 'accept']) e where open`)
	})
}

var copied = []string{"id", "class", "title", "description", "severity", "lon", "lat", "address", "reported", "channel", "reporter", "object", "photos",
	"region", "grade", "simulated", "no", "state", "version", "updated", "closed", "since", "due", "final", "level", "org", "unit", "handler",
	"offered", "into_", "merged", "partner", "urged", "reworks", "proofs", "stars", "cell", "grams", "moved"}

var (
	sampleThings = []string{"井盖缺失", "路灯不亮", "暴露垃圾", "违章停车", "占道经营", "河道漂浮物", "树木倒伏", "管道破损"}
	sampleRoads  = []string{"前进路", "人民路", "长江路", "萧林路", "震川路", "马鞍山路"}
)

// made is the sample's case number i.
func (s *Sample) made(random *rand.Rand, i int) Case {
	at := micro(s.Now.Add(-time.Duration(s.Cases-i) * 90 * time.Second))
	c := Case{Report: Report{
		ID: fmt.Sprintf("b-%07d", i), Class: s.Classes[random.IntN(len(s.Classes))],
		Title: sampleThings[random.IntN(len(sampleThings))], Severity: 1 + min(3, random.IntN(8)),
		Lon: 120.8 + random.Float64()*0.3, Lat: 31.2 + random.Float64()*0.3,
		Address: fmt.Sprintf("%s %d 号", sampleRoads[random.IntN(len(sampleRoads))], random.IntN(900)), Reported: at, Channel: "grid",
		Region: s.Regions[random.IntN(len(s.Regions))],
	}, No: fmt.Sprintf("昆-%s-%05d", at.Format("20060102"), i), State: Closed, Version: 9, Updated: at, Since: at, Proofs: 2,
		Handler: fmt.Sprintf("person:%d", random.IntN(800)), Unit: fmt.Sprintf("u%d", random.IntN(500)), Org: fmt.Sprintf("/city/o%d/", random.IntN(30))}
	if random.IntN(20) > 0 {
		end := at.Add(3 * time.Hour)
		c.Closed = &end
		return c
	}
	c.State = []flow.State{Reported, Established, Assigned, Accepted, Handling, Handled}[random.IntN(6)]
	due, final := micro(s.Now.Add(time.Duration(random.IntN(4000)-1000)*time.Minute)), micro(s.Now.Add(time.Duration(random.IntN(9000)-500)*time.Minute))
	c.Due, c.Final, c.Urged = &due, &final, random.IntN(20)/19
	return c
}
