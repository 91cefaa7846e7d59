package incident

import (
	"context"
	"fmt"

	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// Kinds of Entry.
const (
	kindEvent  = "event"
	kindNote   = "note"
	kindUrge   = "urge"
	kindBackup = "backup"
	kindProof  = "proof"
	kindMerge  = "merge"
	kindSplit  = "split"
	kindTold   = "told"
	kindClock  = "clock"
	kindRating = "rating"
)

// remember writes a line of a case's timeline.
func remember(ctx context.Context, tx pgx.Tx, id string, e Entry) error {
	_, err := tx.Exec(ctx, `insert into incident.entry (case_id, at, kind, event, from_, state, by, by_name, text, unit, ref, done_at, version, due)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		id, e.At, e.Kind, e.Event, e.From, e.State, e.By, e.ByName, e.Text, e.Unit, e.Ref, e.DoneAt, e.Version, e.due)
	if err != nil {
		return fmt.Errorf("write the timeline of case %s: %w", id, err)
	}
	return nil
}

const entryColumns = `seq, at, kind, event, from_, state, by, by_name, text, unit, ref, done_at, version`

func scanEntry(row pgx.CollectableRow) (e Entry, err error) {
	err = row.Scan(&e.Seq, &e.At, &e.Kind, &e.Event, &e.From, &e.State, &e.By, &e.ByName, &e.Text, &e.Unit, &e.Ref, &e.DoneAt, &e.Version)
	return e, err
}

// Timeline is what happened to a case 办理过程, the oldest first.
func (s *Service) Timeline(ctx context.Context, scope database.Scope, id string) ([]Entry, error) {
	list, err := database.Collect(ctx, s.wall, scope, `select `+entryColumns+` from incident.entry where case_id = $1 order by seq`, []any{id}, scanEntry)
	if err != nil {
		return nil, fmt.Errorf("read the timeline of case %s: %w", id, err)
	}
	return list, nil
}

// struck tells the timeline of a case what its clock has done, and the city
// when it was escalated.
func struck(ctx context.Context, tx pgx.Tx, engine *flow.Engine, it flow.Item, r flow.Record) error {
	c, _, err := load(ctx, tx, it.ID)
	if err != nil {
		return err
	}
	e := Entry{At: r.At, Kind: kindClock, State: it.State, By: r.Actor, ByName: systemName, Version: c.Version}
	switch r.Kind {
	case flow.KindWarning:
		e.Text = "时限将到 / the limit is near"
	case flow.KindOverdue:
		e.Text = "已超时 / overdue"
	case flow.KindEscalation:
		e.Text = fmt.Sprintf("升级至第 %d 级 / escalated to level %d", r.Level, r.Level)
		c.Level, c.Updated, c.Version = r.Level, r.At, c.Version+1
		e.Version = c.Version
		if _, err := tx.Exec(ctx, `update incident.record set level = $2, updated = $3, version = $4 where id = $1`, c.ID, c.Level, c.Updated, c.Version); err != nil {
			return fmt.Errorf("escalate case %s: %w", c.ID, err)
		}
		if err := emit(ctx, engine, tx, &c); err != nil {
			return err
		}
	default:
		return nil
	}
	return remember(ctx, tx, it.ID, e)
}

// systemName is what the timeline calls the program.
const systemName = "系统 the system"
