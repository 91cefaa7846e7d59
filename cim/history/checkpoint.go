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

// keepCheckpoints writes the model's checkpoint of each offered snapshot that
// the record has passed, so that the tables are never behind the checkpoint,
// and the cells' states with that of a minute's end.
func (r *Recorder) keepCheckpoints(ctx context.Context, epoch string) error {
	states := newCellStates()
	for {
		s, minute, err := r.offered.take(ctx)
		if err != nil {
			return err
		}
		if minute {
			if err := states.write(ctx, r.store, s); err != nil {
				return err
			}
		}
		if err := writeCheckpoint(ctx, r.store.pool, epoch, s); err != nil {
			return err
		}
		dropped, err := r.source.Forget(ctx, s.Seq())
		if err != nil {
			return err
		}
		if dropped > 0 {
			r.log.Info("the stream made room: the record has what it dropped", "events", dropped)
		}
		if r.finish > 0 && s.Seq() >= r.finish {
			return errFinished
		}
	}
}

func writeCheckpoint(ctx context.Context, q querier, epoch string, snap *cim.Snapshot) error {
	var body bytes.Buffer
	z := s2.NewWriter(&body, s2.WriterConcurrency(1))
	if err := errors.Join(snap.Checkpoint(z), z.Close()); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	_, err := q.Exec(ctx, `
		insert into checkpoints as c (name, epoch, seq, at, body) values ($1, $2, $3, $4, $5)
		on conflict (name) do update set epoch = excluded.epoch, seq = excluded.seq, at = excluded.at, body = excluded.body
		where c.epoch <> excluded.epoch or c.seq < excluded.seq`,
		modelCheckpoint, epoch, int64(snap.Seq()), snap.At(), body.Bytes())
	if err != nil {
		return fmt.Errorf("write checkpoint at %d: %w", snap.Seq(), err)
	}
	return nil
}

// writeFirstCheckpoint writes down what the model was before the first event of
// a stream: what stood already, with the open incidents. Without it, a restart
// before the second checkpoint would fold the stream over what its events have
// made of the tables.
func writeFirstCheckpoint(ctx context.Context, tx pgx.Tx, epoch string) error {
	m, err := restore(ctx, tx, loadRegister, nil)
	if err != nil {
		return fmt.Errorf("write the first checkpoint: %w", err)
	}
	return writeCheckpoint(ctx, tx, epoch, m.Snapshot())
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
