package history

import (
	"context"
	"fmt"
	"math"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
)

// cellStates remembers how cells stood, to write only what has changed.
type cellStates struct{ last map[geo.Cell]cellState }

type cellState struct {
	region                             geo.Code
	open, late, units, devices, alarms int
	index                              float32 // NaN without any term
}

func newCellStates() *cellStates { return &cellStates{last: map[geo.Cell]cellState{}} }

// same treats two missing indexes as equal.
func (c cellState) same(o cellState) bool {
	if c.index != c.index && o.index != o.index {
		c.index, o.index = 0, 0
	}
	return c == o
}

func stateOf(c *cim.CellState) cellState {
	open := 0
	for _, n := range c.Open {
		open += n
	}
	return cellState{c.Region, open, c.Late, c.Units, c.Devices, c.Alarms, float32(c.Index)}
}

var world = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

// write writes the states that changed since the last time; the first time it
// writes all.
func (s *cellStates) write(ctx context.Context, store *Store, snap *cim.Snapshot) error {
	if snap.At().IsZero() {
		return nil // before the first event
	}
	return s.writeAt(ctx, store, snap, snap.At().UTC().Truncate(time.Minute))
}

func (s *cellStates) writeAt(ctx context.Context, store *Store, snap *cim.Snapshot, minute time.Time) error {
	now := make(map[geo.Cell]cellState, len(s.last))
	var buf copyBuffer
	buf.reset()
	row := func(cell geo.Cell, c cellState) {
		buf.row(9)
		buf.int8(int64(cell))
		buf.time(minute)
		buf.text(string(c.region))
		for _, n := range [...]int{c.open, c.late, c.units, c.devices, c.alarms} {
			buf.int4(int32(n))
		}
		if math.IsNaN(float64(c.index)) {
			buf.null()
		} else {
			buf.float4(c.index)
		}
	}
	snap.In(cim.Whole()).Cells(geo.BaseResolution, world, func(c *cim.CellState) bool {
		state := stateOf(c)
		now[c.Cell] = state
		if was, ok := s.last[c.Cell]; !ok || !was.same(state) {
			row(c.Cell, state)
		}
		return true
	})
	for cell, was := range s.last {
		if _, ok := now[cell]; !ok {
			row(cell, cellState{region: was.region, index: float32(math.NaN())})
		}
	}
	if err := store.writeCellStates(ctx, &buf, minute); err != nil {
		return fmt.Errorf("write the cells of %s: %w", minute.Format(time.RFC3339), err)
	}
	s.last = now
	return nil
}

func (s *Store) writeCellStates(ctx context.Context, buf *copyBuffer, minute time.Time) error {
	return s.pool.AcquireFunc(ctx, func(pooled *pgxpool.Conn) error {
		conn := pooled.Conn()
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "create temp table stage_cell_states (like cell_states) on commit drop"); err != nil {
				return err
			}
			parts, err := loadPartitions(ctx, tx)
			if err != nil {
				return err
			}
			if err := parts.need(ctx, tx, "cell_states", minute); err != nil {
				return err
			}
			if err := buf.copyTo(ctx, conn, "stage_cell_states"); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, "insert into cell_states select * from stage_cell_states on conflict do nothing")
			return err
		})
	})
}
