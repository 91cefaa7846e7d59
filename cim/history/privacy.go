package history

import (
	"context"
	"errors"
	"fmt"

	"onecity/cim"

	"github.com/jackc/pgx/v5"
)

// setPrivacy keeps what the city says of cells.
func setPrivacy(ctx context.Context, tx pgx.Tx, p cim.Privacy) error {
	_, err := tx.Exec(ctx, "insert into privacy (least) values ($1) on conflict (id) do update set least = excluded.least", int32(p.Least))
	if err != nil {
		return fmt.Errorf("write the privacy of cells: %w", err)
	}
	return nil
}

// loadPrivacy is what the city says of cells; ok is false when it says nothing.
func loadPrivacy(ctx context.Context, q querier) (p cim.Privacy, ok bool, err error) {
	var least int32
	switch err := q.QueryRow(ctx, "select least from privacy").Scan(&least); {
	case errors.Is(err, pgx.ErrNoRows):
		return cim.DefaultPrivacy(), false, nil
	case err != nil:
		return p, false, fmt.Errorf("load the privacy of cells: %w", err)
	}
	return cim.Privacy{Least: uint16(least)}, true, nil
}
