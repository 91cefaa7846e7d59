package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// recorded names the recorder's row in positions.
const recorded = "recorder"

type position struct {
	epoch string
	seq   uint64
	at    time.Time
}

// querier is a connection, a pool or a transaction.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func readPosition(ctx context.Context, q querier) (p position, err error) {
	err = q.QueryRow(ctx, "select epoch, seq, at from positions where name = $1", recorded).Scan(&p.epoch, &p.seq, &p.at)
	if errors.Is(err, pgx.ErrNoRows) {
		return position{}, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the recorder's position: %w", err)
	}
	return p, nil
}

// errFenced: somebody else moved the position. Two recorders never write both.
var errFenced = errors.New("another recorder has moved the position")

// move puts the position from where this recorder knows it to be to where its
// transaction brings it.
func (p position) move(ctx context.Context, tx pgx.Tx, to position) error {
	tag, err := tx.Exec(ctx, `
		insert into positions (name, epoch, seq, at) values ($1, $2, $3, $4)
		on conflict (name) do update set epoch = excluded.epoch, seq = excluded.seq, at = excluded.at
		where positions.epoch = $5 and positions.seq = $6`,
		recorded, to.epoch, to.seq, to.at, p.epoch, p.seq)
	if err != nil {
		return fmt.Errorf("move the recorder's position to %d: %w", to.seq, err)
	}
	if tag.RowsAffected() != 1 {
		return errFenced
	}
	return nil
}
