package audit

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// begin takes up the log where it was left, and compares what is stored with
// what was signed: here in the database, and outside. It also seals what the
// horizon has passed by.
func (s *sealer) begin(ctx context.Context) error {
	var size int64
	var signed string
	const ask = `select size, horizon, checkpoint from audit.log`
	if err := s.conn.QueryRow(ctx, ask).Scan(&size, &s.horizon, &signed); err != nil {
		return fmt.Errorf("read the state of the audit log: %w", err)
	}
	var err error
	if s.tree, err = s.hash.storedTree(ctx, s.conn, size); err != nil {
		return err
	}
	if signed != "" {
		if s.newest, err = OpenCheckpoint(signed); err != nil {
			return fmt.Errorf("%w: the newest in the database: %w", ErrContradicts, err)
		}
		if s.newest.Size != size {
			return fmt.Errorf("%w: the newest is of %d leaves, the log has %d", ErrContradicts, s.newest.Size, size)
		}
		if err := s.agrees(ctx, s.newest, size); err != nil {
			return err
		}
	}
	if s.witnesses, err = openWitnesses(s.o.Dir, s.o.Witnesses); err != nil {
		return err
	}
	s.owed = size > 0
	for _, w := range s.witnesses {
		last, ok, err := w.last()
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := s.agrees(ctx, last, size); err != nil {
			return fmt.Errorf("%s: %w", w, err)
		}
		s.kept = last.Time
	}
	if err := s.sealLate(ctx); err != nil {
		return err
	}
	if _, err := s.conn.Exec(ctx, noScans); err != nil { // this connection is the sealer's alone
		return fmt.Errorf("prepare to seal: %w", err)
	}
	return nil
}

// agrees compares a checkpoint with the stored tree.
func (s *sealer) agrees(ctx context.Context, c Checkpoint, size int64) error {
	if c.Origin != s.origin || c.Hash != s.hash {
		return fmt.Errorf("%w: a checkpoint is of the log %s (%s), this is %s (%s); if the log was begun anew on purpose, move the old folder away",
			ErrContradicts, c.Origin, c.Hash, s.origin, s.hash)
	}
	if c.Size > size {
		return fmt.Errorf("%w: there was a checkpoint of %d leaves, now there are %d", ErrContradicts, c.Size, size)
	}
	tree, err := s.hash.storedTree(ctx, s.conn, c.Size)
	if err != nil {
		return err
	}
	root, err := s.hash.root(tree)
	if err != nil {
		return err
	}
	if !bytes.Equal(root, c.Root) {
		return fmt.Errorf("%w: the root of the first %d leaves is %x, the checkpoint of %s says %x",
			ErrContradicts, c.Size, root, c.Time.Format(time.RFC3339), c.Root)
	}
	return nil
}

// sealLate seals entries that the horizon has passed by.
func (s *sealer) sealLate(ctx context.Context) error {
	return pgx.BeginTxFunc(ctx, s.conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		var next uint64
		if err := tx.QueryRow(ctx, `select pg_snapshot_xmax(pg_current_snapshot())`).Scan(&next); err != nil {
			return fmt.Errorf("look for late audit entries: %w", err)
		}
		horizon := s.horizon
		if next < horizon {
			s.horizon = 0 // another cluster, which has not counted that far
		}
		total := 0
		for {
			batch, err := readDue(ctx, tx, late, horizon)
			if err != nil {
				return fmt.Errorf("look for late audit entries: %w", err)
			}
			if len(batch) == 0 {
				break
			}
			if err := s.add(ctx, tx, batch, s.horizon); err != nil {
				return fmt.Errorf("seal late audit entries: %w", err)
			}
			total += len(batch)
		}
		if total > 0 {
			s.log.Warn("sealed audit entries that claim transactions which were over: a restored database has such, or rows were put in", "entries", total)
		}
		return nil
	})
}

// keep gives the newest checkpoint to the database's history and to the
// witnesses, when it is time.
func (s *sealer) keep(ctx context.Context, now bool) error {
	if !s.owed || (!now && time.Since(s.kept) < s.o.Keep) {
		return nil
	}
	const history = `insert into audit.checkpoint (size, note) values ($1, $2) on conflict do nothing`
	if _, err := s.conn.Exec(ctx, history, s.newest.Size, s.newest.Note); err != nil {
		return fmt.Errorf("keep a checkpoint: %w", err)
	}
	for _, w := range s.witnesses {
		if err := w.put(ctx, s.conn, s.newest); err != nil {
			// The others must get theirs; this one gets the next.
			s.log.Warn("a witness did not take a checkpoint of the audit log", "witness", w.String(), "error", err)
		}
	}
	s.kept, s.owed = time.Now(), false
	return nil
}

// halt says why sealing has stopped.
type halt struct {
	mu  sync.Mutex
	why error
}

func (h *halt) set(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.why = err
}

func (h *halt) get() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.why
}

// Lag is how far sealing is behind.
type Lag struct {
	Size     int64         // leaves that are sealed
	Unsealed int64         // entries that are not sealed
	Age      time.Duration // of the oldest of them
	Halted   error         // why this program does not seal any more (ErrContradicts), or nil
}

// Lag measures it. A transaction that stays open, or a backup, holds sealing
// back, for the database cannot know what it will still write.
func (l *Log) Lag(ctx context.Context) (Lag, error) {
	lag := Lag{Halted: l.halt.get()}
	var age float64
	const ask = `select g.size, count(e.id), coalesce(extract(epoch from clock_timestamp() - min(e.at)), 0)::float8
		from audit.log g left join audit.entry e on e.xid >= g.horizon and not exists (select from audit.leaf l where l.id = e.id)
		group by g.size`
	if err := l.pool.QueryRow(ctx, ask).Scan(&lag.Size, &lag.Unsealed, &age); err != nil {
		return lag, fmt.Errorf("measure how far the audit log is sealed: %w", err)
	}
	lag.Age = time.Duration(age * float64(time.Second))
	return lag, nil
}
