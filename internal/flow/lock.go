package flow

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// LockTx reads an item and keeps others from changing it until the transaction
// ends: for a module that changes its own record beside the item and takes the
// two in one order, the item first, as the engine does.
func (e *Engine) LockTx(ctx context.Context, tx pgx.Tx, machine, id string) (Item, error) {
	return load(ctx, tx, machine, id, true)
}

// Refused writes into the audit log that a command was refused, for a module
// that fires in a transaction of its own (FireTx), which ended with the refusal.
func (e *Engine) Refused(ctx context.Context, actor Actor, c Command, why error) error {
	if _, err := e.Machine(c.Machine); err != nil {
		return err
	}
	return e.refusedFiring(ctx, actor, c, why)
}
