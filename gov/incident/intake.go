package incident

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Position is how far the reports of a stream have been taken; epoch names the
// stream's life, and of another one nothing has been taken.
func (s *Service) Position(ctx context.Context, epoch string) (uint64, error) {
	var seq int64
	err := s.pool.QueryRow(ctx, `select seq from incident.intake where epoch = $1`, epoch).Scan(&seq)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("ask how far reports have been taken: %w", err)
	}
	return uint64(seq), nil
}

// Reached keeps how far the reports of a stream have been taken.
func (s *Service) Reached(ctx context.Context, epoch string, seq uint64) error {
	_, err := s.pool.Exec(ctx, `insert into incident.intake (epoch, seq) values ($1, $2)
		on conflict (epoch) do update set seq = greatest(intake.seq, excluded.seq)`, epoch, int64(seq))
	if err != nil {
		return fmt.Errorf("keep how far reports have been taken: %w", err)
	}
	return nil
}
