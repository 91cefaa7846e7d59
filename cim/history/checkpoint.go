package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"onecity/cim"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/s2"
)

// modelCheckpoint names the model's row in checkpoints.
const modelCheckpoint = "model"

// keepCheckpoints writes the cells' states and the model's checkpoint of each
// offered minute that the record has passed, so that the tables are never
// behind the checkpoint.
func (r *Recorder) keepCheckpoints(ctx context.Context, epoch string) error {
	states := newCellStates()
	for {
		s, err := r.offered.take(ctx)
		if err != nil {
			return err
		}
		if err := states.write(ctx, r.store, s); err != nil {
			return err
		}
		if err := r.store.writeCheckpoint(ctx, epoch, s); err != nil {
			return err
		}
		dropped, err := r.source.Forget(ctx, s.Seq())
		if err != nil {
			return err
		}
		if dropped > 0 {
			r.log.Info("the stream made room: the record has what it dropped", "events", dropped)
		}
	}
}

func (s *Store) writeCheckpoint(ctx context.Context, epoch string, snap *cim.Snapshot) error {
	var body bytes.Buffer
	z := s2.NewWriter(&body, s2.WriterConcurrency(1))
	if err := errors.Join(snap.Checkpoint(z), z.Close()); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	_, err := s.pool.Exec(ctx, `
		insert into checkpoints as c (name, epoch, seq, at, body) values ($1, $2, $3, $4, $5)
		on conflict (name) do update set epoch = excluded.epoch, seq = excluded.seq, at = excluded.at, body = excluded.body
		where c.epoch <> excluded.epoch or c.seq < excluded.seq`,
		modelCheckpoint, epoch, int64(snap.Seq()), snap.At(), body.Bytes())
	if err != nil {
		return fmt.Errorf("write checkpoint at %d: %w", snap.Seq(), err)
	}
	return nil
}

// readCheckpoint is the checkpoint of that epoch, nil when there is none, as
// for the epoch "".
func readCheckpoint(ctx context.Context, q querier, epoch string) (io.Reader, error) {
	var body []byte
	err := q.QueryRow(ctx, "select body from checkpoints where name = $1 and epoch = $2", modelCheckpoint, epoch).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the checkpoint: %w", err)
	}
	return s2.NewReader(bytes.NewReader(body)), nil
}
