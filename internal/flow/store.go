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

const itemColumns = `machine, id, title, state, version, region, org, subject, since, due, warn_at, level, data, hands, strike_at, clock_job`

// into are where the itemColumns go.
func (it *Item) into() []any {
	return []any{&it.Machine, &it.ID, &it.Title, &it.State, &it.Version, &it.Region, &it.Org, &it.Subject,
		&it.Since, &it.Due, &it.WarnAt, &it.Level, &it.Data, &it.hands, &it.strikeAt, &it.clockJob}
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

// insertSQL puts a new item into the table, moveSQL stores one in its new
// state. The condition on state and version is what makes a transition happen
// once, whatever the code above it believes. Both write history and outbox in
// the same statement, and only if the item was written.
const (
	insertSQL = `
with stored as (
	insert into flow.item (title, state, region, org, subject, since, due, warn_at, data, hands, strike_at, open, waits, machine, id, version, started,
		clock_job)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16 + 1, $6, $24)
	on conflict do nothing
	returning *
)` + alsoSQL
	moveSQL = `
with stored as (
	update flow.item set title = $1, state = $2, region = $3, org = $4, subject = $5, since = $6, due = $7, warn_at = $8, data = $9,
		hands = $10, strike_at = $11, open = $12, waits = $13, version = version + 1, level = 0, strikes = 0, clock_job = $24
	where machine = $14 and id = $15 and version = $16 and state = $18
	returning *
), void as (
	delete from flow.river_job where id = $25 and state in ('available', 'scheduled', 'retryable') and exists (select from stored)
)` + alsoSQL
	alsoSQL = `, history as (
	insert into flow.history (at, kind, machine, id, event, from_, state, version, actor, why, input, level)
	select $6, $17, machine, id, $19, $18, state, version, $20, $21, $22::jsonb, 0 from stored
), outbox as (
	insert into flow.outbox (at, kind, object, region, org, body)
	select $6, $17, id, region, org, $23::jsonb from stored
)
select ` + itemColumns + ` from stored`
)

// store writes an item that has come into a state, with its clock's job and
// what history and outbox tell of it, and reads it back. It answers false when
// nothing was written: a new item was there already, an old one has moved on;
// then the transaction is to be rolled back.
func (e *Engine) store(ctx context.Context, tx pgx.Tx, before, it *Item, def StateDef, r Record) (bool, error) {
	it.Version = r.Version
	fact, err := factOf(*it, r)
	if err != nil {
		return false, err
	}
	job, err := e.setClock(ctx, tx, *it)
	if err != nil {
		return false, err
	}
	sql, old := insertSQL, []any{}
	if before != nil {
		sql, old = moveSQL, []any{before.clockJob}
	}
	args := append([]any{it.Title, it.State, it.Region, it.Org, it.Subject, it.Since, it.Due, it.WarnAt, it.Data, it.hands,
		it.strikeAt, !def.Final, def.Clock != nil, it.Machine, it.ID, r.Version - 1,
		r.Kind, r.From, r.Event, r.Actor, r.Why, r.Input, fact, job}, old...)
	err = tx.QueryRow(ctx, sql, args...).Scan(it.into()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store %s %s: %w", it.Machine, it.ID, err)
	}
	return true, nil
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
	body, err := factOf(it, r)
	if err != nil {
		return err
	}
	return emit(ctx, q, Message{At: r.At, Kind: r.Kind, Object: it.ID, Region: it.Region, Org: it.Org, Body: body})
}

func factOf(it Item, r Record) (json.RawMessage, error) {
	body, err := json.Marshal(Fact{Machine: it.Machine, ID: it.ID, Title: it.Title, Event: r.Event, From: r.From, State: it.State,
		Version: r.Version, Actor: r.Actor, Subject: it.Subject, Due: it.Due, Level: it.Level})
	if err != nil {
		return nil, fmt.Errorf("tell of %s %s: %w", it.Machine, it.ID, err)
	}
	return body, nil
}

// micro is a time as the database keeps it.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
