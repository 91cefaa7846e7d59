package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

const itemColumns = `machine, id, title, state, version, region, org, subject, since, due, warn_at, level, data, hands, strike_at`

// into are where the itemColumns go.
func (it *Item) into() []any {
	return []any{&it.Machine, &it.ID, &it.Title, &it.State, &it.Version, &it.Region, &it.Org, &it.Subject,
		&it.Since, &it.Due, &it.WarnAt, &it.Level, &it.Data, &it.hands, &it.strikeAt}
}

// load reads an item, and keeps others from changing it when lock is set.
func load(ctx context.Context, q querier, machine, id string, lock bool) (Item, error) {
	sql := `select ` + itemColumns + ` from flow.item where machine = $1 and id = $2`
	if lock {
		sql += ` for update`
	}
	var it Item
	err := q.QueryRow(ctx, sql, machine, id).Scan(it.into()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Item{}, fmt.Errorf("%s %s: %w", machine, id, ErrUnknown)
	}
	if err != nil {
		return Item{}, fmt.Errorf("read %s %s: %w", machine, id, err)
	}
	return it, nil
}

// insert puts a new item into the table; ErrExists when it is there.
func insert(ctx context.Context, tx pgx.Tx, it *Item, def StateDef) error {
	err := tx.QueryRow(ctx, `
		insert into flow.item (machine, id, title, state, version, region, org, subject, since, due, warn_at, level, data,
			hands, strike_at, started, open, waits)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, $14, $9, $15, $16)
		on conflict do nothing
		returning `+itemColumns,
		it.Machine, it.ID, it.Title, it.State, it.Version, it.Region, it.Org, it.Subject, it.Since, it.Due, it.WarnAt, it.Data,
		it.hands, it.strikeAt, !def.Final, def.Clock != nil).Scan(it.into()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("start %s %s: %w", it.Machine, it.ID, ErrExists)
	}
	if err != nil {
		return fmt.Errorf("start %s %s: %w", it.Machine, it.ID, err)
	}
	return nil
}

// move stores an item in its new state. The condition on state and version is
// what makes a transition happen once, whatever the code above it believes.
func move(ctx context.Context, tx pgx.Tx, before Item, next *Item, def StateDef) error {
	err := tx.QueryRow(ctx, `
		update flow.item set title = $5, state = $6, version = version + 1, region = $7, org = $8, subject = $9, since = $10,
			due = $11, warn_at = $12, level = 0, data = $13, hands = $14, strike_at = $15, strikes = 0, open = $16, waits = $17
		where machine = $1 and id = $2 and state = $3 and version = $4
		returning `+itemColumns,
		before.Machine, before.ID, before.State, before.Version,
		next.Title, next.State, next.Region, next.Org, next.Subject, next.Since, next.Due, next.WarnAt, next.Data,
		next.hands, next.strikeAt, !def.Final, def.Clock != nil).Scan(next.into()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return &Conflict{Present: before}
	}
	if err != nil {
		return fmt.Errorf("move %s %s: %w", before.Machine, before.ID, err)
	}
	return nil
}

// remember writes a line of history.
func remember(ctx context.Context, q querier, it Item, r Record) error {
	_, err := q.Exec(ctx, `
		insert into flow.history (at, kind, machine, id, event, from_, state, version, actor, why, input, level)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		r.At, r.Kind, it.Machine, it.ID, r.Event, r.From, r.State, r.Version, r.Actor, r.Why, r.Input, r.Level)
	if err != nil {
		return fmt.Errorf("write the history of %s %s: %w", it.Machine, it.ID, err)
	}
	return nil
}

// emit puts a message into the outbox.
func emit(ctx context.Context, q querier, m Message) error {
	_, err := q.Exec(ctx, `insert into flow.outbox (at, kind, object, region, org, body) values ($1, $2, $3, $4, $5, $6)`,
		m.At, m.Kind, m.Object, m.Region, m.Org, m.Body)
	if err != nil {
		return fmt.Errorf("put %s of %s into the outbox: %w", m.Kind, m.Object, err)
	}
	return nil
}

// tell writes what happened to an item into its history and into the outbox.
func tell(ctx context.Context, q querier, it Item, r Record) error {
	if err := remember(ctx, q, it, r); err != nil {
		return err
	}
	body, err := json.Marshal(Fact{Machine: it.Machine, ID: it.ID, Title: it.Title, Event: r.Event, From: r.From, State: it.State,
		Version: it.Version, Actor: r.Actor, Subject: it.Subject, Due: it.Due, Level: it.Level})
	if err != nil {
		return fmt.Errorf("tell of %s %s: %w", it.Machine, it.ID, err)
	}
	return emit(ctx, q, Message{At: r.At, Kind: r.Kind, Object: it.ID, Region: it.Region, Org: it.Org, Body: body})
}

// micro is a time as the database keeps it.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
