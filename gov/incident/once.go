package incident

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// maxID is the most bytes of a sender's id.
const maxID = 200

// once does something in a transaction, once for each id of a sender's: the
// same again is answered as the first time, another under the same id is
// ErrReused. Without an id it is simply done. asked is what the sender wants,
// as JSON can tell it.
func (s *Service) once(ctx context.Context, by, id string, asked []any, do func(context.Context, pgx.Tx) (Case, error)) (Case, error) {
	var out Case
	err := onceOf(ctx, s, by, id, asked, &out, func(ctx context.Context, tx pgx.Tx) (err error) {
		out, err = do(ctx, tx)
		return err
	})
	if err != nil {
		return Case{}, err
	}
	return out, nil
}

// onceOf is once for any kind of answer.
func onceOf[T any](ctx context.Context, s *Service, by, id string, asked []any, answer *T, do func(context.Context, pgx.Tx) error) error {
	switch {
	case len(id) > maxID:
		return &Invalid{Field: "id", Why: words("过长", "is too long")}
	case clean(id) != id: // a phone would send again and again what the database cannot keep
		return &Invalid{Field: "id", Why: words("编号无效", "is no id")}
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return fmt.Errorf("read what is asked: %w", err)
	}
	sum := sha256.Sum256(body)
	digest := hex.EncodeToString(sum[:])
	return s.engine.Tx(ctx, func(tx pgx.Tx) error {
		if id == "" {
			return do(ctx, tx)
		}
		// Whoever sends the same at the same time waits here for the first.
		tag, err := tx.Exec(ctx, `insert into incident.command (by, id, at, digest, answer) values ($1, $2, $3, $4, 'null') on conflict do nothing`,
			by, id, micro(s.opt.Now()), digest)
		if err != nil {
			return fmt.Errorf("keep the command %s: %w", id, err)
		}
		if tag.RowsAffected() == 0 {
			var was string
			var first []byte
			if err := tx.QueryRow(ctx, `select digest, answer from incident.command where by = $1 and id = $2`, by, id).Scan(&was, &first); err != nil {
				return fmt.Errorf("read the command %s: %w", id, err)
			}
			if was != digest {
				return fmt.Errorf("command %s: %w", id, ErrReused)
			}
			if err := json.Unmarshal(first, answer); err != nil {
				return fmt.Errorf("read the answer of the command %s: %w", id, err)
			}
			return nil
		}
		if err := do(ctx, tx); err != nil {
			return err
		}
		kept, err := json.Marshal(answer)
		if err != nil {
			return fmt.Errorf("keep the answer of the command %s: %w", id, err)
		}
		if _, err := tx.Exec(ctx, `update incident.command set answer = $3 where by = $1 and id = $2`, by, id, kept); err != nil {
			return fmt.Errorf("keep the answer of the command %s: %w", id, err)
		}
		return nil
	})
}

// keepCommands is how long a command's id is remembered: longer than a phone
// is without a network.
const keepCommands = 60 * 24 * time.Hour

// Run forgets what need not be remembered any more, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		_, err := s.pool.Exec(ctx, `delete from incident.command where at < $1`, micro(s.opt.Now().Add(-keepCommands)))
		if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
			s.opt.Log.WarnContext(ctx, "old commands cannot be forgotten, trying again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Hour):
		}
	}
}
