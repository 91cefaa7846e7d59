package evaluation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"onecity/geo"

	"github.com/jackc/pgx/v5"
)

// atOnce is how many cases are counted in one transaction.
const atOnce = 2000

// counting keeps two programs from counting at once (a number for PostgreSQL's
// advisory locks, any that nobody else takes).
const counting = 0x6576616c_0001

// Run counts what has changed, about once a second, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := s.CatchUp(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("cases were not counted, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// CatchUp counts until nothing is left to count.
func (s *Service) CatchUp(ctx context.Context) error {
	tree := s.o.Regions()
	if err := s.begin(ctx, tree); err != nil {
		return fmt.Errorf("begin to count: %w", err)
	}
	for {
		n, err := s.step(ctx, tree)
		if err != nil {
			return fmt.Errorf("count cases: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

// begin counts all anew when the fold or the regions are others than before.
func (s *Service) begin(ctx context.Context, tree *geo.Regions) error {
	var fold int
	var mark string
	err := s.pool.QueryRow(ctx, `select fold, tree from evaluation.state`).Scan(&fold, &mark)
	if err == nil && fold == foldVersion && mark == treeMark(tree) {
		return nil
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, int64(counting)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `truncate evaluation.fact, evaluation.tally`)
		if err == nil {
			_, err = tx.Exec(ctx, `insert into evaluation.touched (id) select id from incident.record`)
		}
		if err == nil {
			_, err = tx.Exec(ctx, `insert into evaluation.state (fold, tree) values ($1, $2) on conflict (one) do update set fold = $1, tree = $2`,
				foldVersion, treeMark(tree))
		}
		return err
	})
}

// step counts some cases anew, in one transaction, and says how many.
func (s *Service) step(ctx context.Context, tree *geo.Regions) (n int, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, int64(counting)); err != nil {
			return err
		}
		now := s.o.Now()
		ids, err := s.due(ctx, tx, now)
		if err != nil || len(ids) == 0 {
			return err
		}
		n = len(ids)
		return s.recount(ctx, tx, tree, ids, now)
	})
	return n, err
}

// due are the cases to count: those that were touched, and those that time has
// made count for more. What was touched is forgotten here; a change that is
// committed later touches again.
func (s *Service) due(ctx context.Context, tx pgx.Tx, now time.Time) ([]string, error) {
	rows, err := tx.Query(ctx, `
		with gone as (
			delete from evaluation.touched where seq in (select seq from evaluation.touched order by seq limit $1) returning id
		)
		select id from gone
		union (select id from evaluation.fact where wakes <= $2 order by wakes limit $1)`, atOnce, now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (s *Service) recount(ctx context.Context, tx pgx.Tx, tree *geo.Regions, ids []string, now time.Time) error {
	old, err := readFacts(ctx, tx, `where id = any($1)`, ids)
	if err != nil {
		return fmt.Errorf("read what was counted: %w", err)
	}
	stories, err := readStories(ctx, tx, ids)
	if err != nil {
		return err
	}
	change := sums{}
	for i := range old {
		change.spread(tree, &old[i], -1)
	}
	facts := make([]fact, 0, len(stories))
	for i := range stories {
		t := &stories[i]
		f := fact{ID: t.id, Region: t.region, Class: t.class, Org: t.org, Areas: areasOf(tree, t.region, t.org)}
		if f.Parts, f.Wakes = fold(t, now); len(f.Parts) == 0 {
			continue
		}
		change.spread(tree, &f, 1)
		facts = append(facts, f)
	}
	if err := writeFacts(ctx, tx, facts); err != nil {
		return fmt.Errorf("keep what cases count for: %w", err)
	}
	if err := writeSums(ctx, tx, change); err != nil {
		return fmt.Errorf("keep the sums: %w", err)
	}
	return nil
}

func readFacts(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]fact, error) {
	rows, err := tx.Query(ctx, `select id, region, class, org, areas, parts, wakes from evaluation.fact `+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (f fact, err error) {
		err = row.Scan(&f.ID, &f.Region, &f.Class, &f.Org, &f.Areas, &f.Parts, &f.Wakes)
		return f, err
	})
}

func writeFacts(ctx context.Context, tx pgx.Tx, facts []fact) error {
	var b pgx.Batch
	for i := range facts {
		f := &facts[i]
		parts, err := json.Marshal(f.Parts)
		if err != nil {
			return err
		}
		first, last := f.span()
		b.Queue(`insert into evaluation.fact (id, region, class, org, areas, parts, wakes, first, last)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			on conflict (id) do update set region = $2, class = $3, org = $4, areas = $5, parts = $6, wakes = $7, first = $8, last = $9`,
			f.ID, f.Region, f.Class, f.Org, f.Areas, parts, f.Wakes, first.String(), last.String())
	}
	return tx.SendBatch(ctx, &b).Close()
}

func writeSums(ctx context.Context, tx pgx.Tx, change sums) error {
	var areas, dims, days, keys, counts []string
	for c, n := range change {
		if *n == (Counts{}) {
			continue
		}
		areas, dims, days, keys = append(areas, c.area), append(dims, c.dim), append(days, c.day.String()), append(keys, c.key)
		counts = append(counts, n.array())
	}
	_, err := tx.Exec(ctx, `
		insert into evaluation.tally as t (area, dim, day, key, n)
		select a, d, y::date, k, c::float8[] from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) u(a, d, y, k, c)
		on conflict (area, dim, day, key) do update set n = (
			select array_agg(coalesce(x, 0) + coalesce(y, 0) order by i) from unnest(t.n, excluded.n) with ordinality v(x, y, i))`,
		areas, dims, days, keys, counts)
	return err
}

// array is the counts as PostgreSQL writes an array.
func (c *Counts) array() string {
	last := measures
	for last > 0 && c[last-1] == 0 {
		last--
	}
	parts := make([]string, last)
	for i := range parts {
		parts[i] = strconv.FormatFloat(c[i], 'g', -1, 64)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// readStories reads cases with what happened to them.
func readStories(ctx context.Context, tx pgx.Tx, ids []string) ([]story, error) {
	rows, err := tx.Query(ctx, `select id, region, class, org, reporter, due, final, stars from incident.record where id = any($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read the cases: %w", err)
	}
	stories, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t story, err error) {
		err = row.Scan(&t.id, &t.region, &t.class, &t.org, &t.reporter, &t.due, &t.final, &t.stars)
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the cases: %w", err)
	}
	of := make(map[string]*story, len(stories))
	for i := range stories {
		of[stories[i].id] = &stories[i]
	}
	rows, err = tx.Query(ctx, `
		select case_id, at, kind, event, from_, state, by, unit, due, seq, 0 from incident.entry
		where case_id = any($1) and kind not in ('note', 'proof', 'clock', 'rating', 'backup')
		union all
		select id, at, kind, '', from_, state, actor, '', null, seq, 1 from flow.history
		where machine = 'incident' and id = any($1) and kind in ('flow.overdue', 'flow.escalated')
		order by 2, 11, 10`, ids)
	if err != nil {
		return nil, fmt.Errorf("read what happened to cases: %w", err)
	}
	var id string
	var e entry
	var seq, which int64
	if _, err = pgx.ForEachRow(rows, []any{&id, &e.at, &e.kind, &e.event, &e.from, &e.state, &e.by, &e.unit, &e.due, &seq, &which}, func() error {
		if t := of[id]; t != nil {
			t.entries = append(t.entries, e)
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read what happened to cases: %w", err)
	}
	// The times of one case come from one database, but from transactions that
	// began in another order than they ended in.
	for i := range stories {
		slices.SortStableFunc(stories[i].entries, func(a, b entry) int { return a.at.Compare(b.at) })
	}
	return stories, nil
}
