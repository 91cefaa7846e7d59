package history

import (
	"context"
	"fmt"
	"math"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
)

// CellPoint is how a base cell stood at the end of a minute.
type CellPoint struct {
	Minute                             time.Time
	Open, Late, Units, Devices, Alarms int
	Index                              float64 // NaN without any term
}

// CellStates is how a base cell stood from from on, before to, oldest first:
// one point for each minute at whose end it stood otherwise than before. The
// first may be older than from: it is how the cell stood at from.
func (r Reader) CellStates(ctx context.Context, cell geo.Cell, from, to time.Time) ([]CellPoint, error) {
	prefix, ok := r.within(cim.LayerCells, "")
	if !ok {
		return nil, nil
	}
	rows, err := r.s.pool.Query(ctx, `
		select minute, open, late, units, devices, alarms, index from (
			(select * from cell_states where cell = $1 and region like $2 and minute < $3 order by minute desc limit 1)
			union all
			(select * from cell_states where cell = $1 and region like $2 and minute >= $3 and minute < $4 order by minute limit $5)
		) s order by minute`, int64(cell), prefix, from, to, MaxPoints)
	if err != nil {
		return nil, fmt.Errorf("read history: states of cell %s: %w", cell, err)
	}
	ps, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p CellPoint, err error) {
		var index *float32
		err = row.Scan(&p.Minute, &p.Open, &p.Late, &p.Units, &p.Devices, &p.Alarms, &index)
		p.Index = math.NaN()
		if index != nil {
			p.Index = float64(*index)
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read history: states of cell %s: %w", cell, err)
	}
	return ps, nil
}
