package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Wall is how reads that somebody asked for reach the database: bound to a
// scope by PostgreSQL itself, whatever their SQL says. The conditions that the
// SQL has of its own are the first wall and stay; this one holds where one of
// them was forgotten.
type Wall struct {
	pool *pgxpool.Pool
	as   string // the role to read in; "" where the owner is bound
}

// WallOf is the wall of a database that Guard has built.
func WallOf(ctx context.Context, pool *pgxpool.Pool) (*Wall, error) {
	as, err := mayRead(ctx, pool)
	if err != nil {
		return nil, err
	}
	return &Wall{pool, as}, nil
}

// enter binds what follows in the transaction: $1 is the role, $2 the scope.
// set_config of the role is SET LOCAL ROLE, and needs no statement of its own.
// Each query is planned for its own arguments: a plan for any reader takes a
// whole city for a village, and sorted 200,000 incidents to show fifty.
const (
	enterRole  = "select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('role', $1, true), set_config('app.scope', $2, true)"
	enterOwner = "select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('app.scope', $1, true)"
)

func (w *Wall) enter(s Scope) (sql string, args []any, err error) {
	text, err := s.text()
	if w.as == "" {
		return enterOwner, []any{text}, err
	}
	return enterRole, []any{w.as, text}, err
}

// In runs fn in a read-only transaction that sees only what the scope reaches.
// A scope that is not set any more, because fn reset it, reaches nothing.
func (w *Wall) In(ctx context.Context, s Scope, fn func(pgx.Tx) error) error {
	sql, args, err := w.enter(s)
	if err != nil {
		return err
	}
	return pgx.BeginTxFunc(ctx, w.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sql, args...); err != nil {
			return fmt.Errorf("enter the scope: %w", err)
		}
		return fn(tx)
	})
}

// Collect asks one query within the scope and reads its rows. It costs no more
// round trips than the query alone: both go in one pipeline, which is one
// transaction.
func Collect[T any](ctx context.Context, w *Wall, s Scope, sql string, args []any, row pgx.RowToFunc[T]) (list []T, err error) {
	enter, with, err := w.enter(s)
	if err != nil {
		return nil, err
	}
	var b pgx.Batch
	b.Queue(enter, with...)
	b.Queue(sql, args...)
	r := w.pool.SendBatch(ctx, &b)
	defer func() { err = errors.Join(err, r.Close()) }()
	if _, err := r.Exec(); err != nil {
		return nil, fmt.Errorf("enter the scope: %w", err)
	}
	rows, err := r.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, row)
}
