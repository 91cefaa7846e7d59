package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// EraseAction is the Action of the entry that tells of an erasure; its Object
// is "audit:" and the id of what was erased.
const (
	EraseAction    = "audit.entry.erase"
	erasedObject   = "audit:"
	eraseStatement = `update audit.entry set salt = null, detail = null, source = '', session = '', why = '', before = '', after = '',
		erased = clock_timestamp() where id = $1 and erased is null returning region, org`
)

// Erase forgets the private part of an entry (From, Session, Why, Before,
// After, Detail) for good, with the salt, so that it cannot be found by trying
// either. Who, what, when and to what stay, and the log still verifies. by says
// who erased it and why; it is appended in the same transaction, and an erasure
// without it is found by Verify. ErrNotFound or ErrErased.
func (l *Log) Erase(ctx context.Context, tx pgx.Tx, id string, by Entry) error {
	if err := l.erase(ctx, tx, id, by); err != nil {
		return fmt.Errorf("erase audit entry %s: %w", id, err)
	}
	return nil
}

func (l *Log) erase(ctx context.Context, tx pgx.Tx, id string, by Entry) error {
	name, err := uuid.Parse(id)
	if err != nil {
		return ErrNotFound
	}
	err = tx.QueryRow(ctx, eraseStatement, name).Scan(&by.Region, &by.Org)
	if errors.Is(err, pgx.ErrNoRows) {
		var there bool
		if err := tx.QueryRow(ctx, `select exists(select from audit.entry where id = $1)`, name).Scan(&there); err != nil {
			return err
		}
		if there {
			return ErrErased
		}
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	by.Action, by.Object, by.Outcome = EraseAction, erasedObject+name.String(), Done
	return l.Append(ctx, tx, by)
}
