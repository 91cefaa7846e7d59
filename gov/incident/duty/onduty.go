package duty

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// OnDutyTx is OnDuty in a transaction of the caller's, who needs no second
// connection then.
func (s *Service) OnDutyTx(ctx context.Context, tx pgx.Tx, subject string) ([]string, error) {
	rows, err := tx.Query(ctx, `select unit from duty.shift where subject = $1 and ended is null and began > $2`, subject, s.Now().Add(-MaxShift))
	if err != nil {
		return nil, fmt.Errorf("find a shift: %w", err)
	}
	units, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("find a shift: %w", err)
	}
	return units, nil
}
