package flow

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Stray are items that this program cannot lead on: their machine, or the
// state that they are in, is none that it knows. They come of a change to a
// machine without a migration of its items.
type Stray struct {
	Machine string
	State   State
	Items   int
}

// Strays looks for open items that this program does not understand. Run tells
// of them when it begins.
func (e *Engine) Strays(ctx context.Context) ([]Stray, error) {
	rows, err := e.pool.Query(ctx, `select machine, state, count(*) from flow.item where open group by machine, state order by machine, state`)
	if err != nil {
		return nil, fmt.Errorf("look for stray work: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Stray])
	if err != nil {
		return nil, fmt.Errorf("look for stray work: %w", err)
	}
	var out []Stray
	for _, s := range all {
		if m, ok := e.machines[s.Machine]; ok {
			if d, ok := m.state(s.State); ok && !d.Final {
				continue
			}
		}
		out = append(out, s)
	}
	return out, nil
}

func (e *Engine) tellStrays(ctx context.Context) {
	strays, err := e.Strays(ctx)
	if err != nil {
		e.log.Error("Cannot look for stray work", "error", err)
	}
	for _, s := range strays {
		e.log.Error("Work is in a state that this program does not know", "machine", s.Machine, "state", s.State, "items", s.Items)
	}
}
