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
// first may be older than from: it is how the cell stood at from. What is kept
// counts things of all grades; so it is there for readers only who see them all.
func (r Reader) CellStates(ctx context.Context, cell geo.Cell, from, to time.Time) ([]CellPoint, error) {
	x, ok := r.reach(cim.LayerCells, "")
	if !ok {
		return nil, nil
	}
	what := "states of cell " + cell.String()
	top, err := topGrade(ctx, r.s.pool)
	if err != nil {
		return nil, fmt.Errorf("read history: %s: %w", what, err)
	}
	ps, err := read(ctx, r, `
		select minute, open, late, units, devices, alarms, index from (
			(select * from cell_states c where c.cell = $8 and `+seen("c.region", "$9::smallint")+` and c.minute < $5 order by c.minute desc limit 1)
			union all
			(select * from cell_states c where c.cell = $8 and `+seen("c.region", "$9::smallint")+` and c.minute >= $5 and c.minute < $6
				order by c.minute limit $7)
		) s order by minute`, x.args(from, to, MaxPoints, int64(cell), top), func(row pgx.CollectableRow) (p CellPoint, err error) {
		var index *float32
		err = row.Scan(&p.Minute, &p.Open, &p.Late, &p.Units, &p.Devices, &p.Alarms, &index)
		p.Index = math.NaN()
		if index != nil {
			p.Index = float64(*index)
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read history: %s: %w", what, err)
	}
	return ps, nil
}

// topGrade is the highest grade of anything that is counted in cells, also of
// what no reader sees: it is asked for before the wall.
func topGrade(ctx context.Context, q querier) (top int16, err error) {
	err = q.QueryRow(ctx, `select coalesce(max(g), 0) from (
		select max(grade) g from devices union all select max(grade) from units union all select max(grade) from incidents) t`).Scan(&top)
	return top, err
}
