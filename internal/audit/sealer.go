package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/transparency-dev/merkle/compact"
	"golang.org/x/sync/errgroup"
)

// The advisory lock of who seals; one a database.
const sealerLock = 0x6f6e65_61756474 // "oneaudt"

const sealBatch = 5000

// Run seals the log until ctx ends: it gives entries their leaves and signs
// checkpoints. Of several programs on one database one seals, and another goes
// on when it ends. It also tells of repeated reads (Note). When the log
// contradicts its checkpoints it stops sealing, says so in the log and in Lag,
// and looks again each minute.
func (l *Log) Run(ctx context.Context) error {
	if l.o.Dir == "" {
		return errors.New("run the audit log: it has no folder for its keys and checkpoints")
	}
	keys, err := l.keys()
	if err != nil {
		return fmt.Errorf("run the audit log: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { l.sealFor(ctx, keys); return nil })
	group.Go(func() error { l.tellRepeated(ctx); return nil })
	return group.Wait()
}

// keys loads the signing keys and publishes their public halves in
// Dir/verifiers.
func (l *Log) keys() ([]*key, error) {
	if err := os.MkdirAll(l.o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the audit log: %w", err)
	}
	path, own := l.o.Key, l.o.Key == ""
	if own {
		path = filepath.Join(l.o.Dir, "key.pem")
	}
	first, err := loadEd25519(l.origin, path, own)
	if err != nil {
		return nil, err
	}
	keys := []*key{first}
	if l.o.SM2 {
		second, err := loadSM2(l.origin, filepath.Join(l.o.Dir, "sm2.pem"))
		if err != nil {
			return nil, err
		}
		keys = append(keys, second)
	}
	return keys, publish(filepath.Join(l.o.Dir, verifiersFile), keys)
}

// sealFor seals until ctx ends, and begins anew after each failure.
func (l *Log) sealFor(ctx context.Context, keys []*key) {
	for {
		err := l.sealUntil(ctx, keys)
		if ctx.Err() != nil {
			return
		}
		wait := 2 * time.Second
		if errors.Is(err, ErrContradicts) {
			wait = time.Minute
			l.halt.set(err)
			l.log.Error("the audit log is not sealed any more: run `onecity audit verify`", "error", err)
		} else {
			l.log.Warn("sealing the audit log failed, trying again", "wait", wait, "error", err)
		}
		if !sleep(ctx, wait) {
			return
		}
	}
}

// sealer is who holds the lock, with the right edge of the tree.
type sealer struct {
	*Log
	keys      []*key
	conn      *pgx.Conn
	tree      *compact.Range
	horizon   uint64 // every entry of an older transaction is sealed
	witnesses []witness
	kept      time.Time // when a checkpoint was kept last
	newest    Checkpoint
	owed      bool // newest is not with the witnesses yet
}

// sealUntil waits for the lock, and seals until ctx ends or something fails.
func (l *Log) sealUntil(ctx context.Context, keys []*key) (err error) {
	pooled, err := l.lock(ctx)
	if err != nil {
		return err
	}
	defer func() {
		// The lock goes with the connection.
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		err = errors.Join(err, pooled.Conn().Close(closing))
		pooled.Release()
	}()
	s := &sealer{Log: l, keys: keys, conn: pooled.Conn()}
	if err := s.begin(ctx); err != nil {
		return err
	}
	l.halt.set(nil)
	for {
		last := ctx.Err() != nil
		n, err := s.step(ctx, last)
		if err != nil || last {
			return err
		}
		if n < sealBatch {
			sleep(ctx, l.o.Interval)
		}
	}
}

// stepTime is the most that one step may take.
const stepTime = time.Minute

// step seals one batch and keeps the checkpoint when it is time. The end of ctx
// does not end it, so that the last step keeps the last checkpoint.
func (s *sealer) step(ctx context.Context, last bool) (int, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepTime)
	defer cancel()
	n, err := s.seal(ctx, s.conn)
	if err != nil {
		return 0, err
	}
	return n, s.keep(ctx, last)
}

// lock waits for the advisory lock. It asks again and again and does not wait
// in PostgreSQL: a statement that waits has a snapshot, and nothing newer than
// the oldest snapshot can be sealed.
func (l *Log) lock(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := l.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to seal: %w", err)
	}
	for {
		var mine bool
		if err := conn.QueryRow(ctx, `select pg_try_advisory_lock($1)`, int64(sealerLock)).Scan(&mine); err != nil {
			conn.Release()
			return nil, fmt.Errorf("take the sealer's lock: %w", err)
		}
		if mine {
			return conn, nil
		}
		if !sleep(ctx, l.o.Interval) {
			conn.Release()
			return nil, ctx.Err()
		}
	}
}

// entryToSeal is what the sealer reads of an entry.
type entryToSeal struct {
	leaf Leaf
	xid  uint64
}

// due asks for entries to seal: those of transactions that are over, so that
// none can appear later among those that were passed. $1 is the horizon.
//
// An entry's transaction number is taken when it is written, not when it is
// committed: 7 may be committed after 9. A sealer that had gone on to 9 would
// never see it. Every transaction below the snapshot's xmin is over.
const due = `select e.id::text, e.digest, e.xid from audit.entry e
	where e.xid >= $1 and e.xid < pg_snapshot_xmin(pg_current_snapshot())
	and not exists (select from audit.leaf l where l.id = e.id)
	order by e.xid, e.at, e.id limit $2`

// late asks for entries that due passes by: of transactions that the horizon
// has passed, or that this cluster has not begun yet. There are such where a
// database was restored from a dump into a cluster that counts differently,
// and where somebody has put rows in. They are sealed like others; Verify
// shows entries that are older than the checkpoint before them.
const late = `select e.id::text, e.digest, e.xid from audit.entry e
	where (e.xid < $1 or e.xid >= pg_snapshot_xmax(pg_current_snapshot()))
	and not exists (select from audit.leaf l where l.id = e.id)
	order by e.at, e.id limit $2`

// seal seals one batch of entries and says how many there were.
func (s *sealer) seal(ctx context.Context, conn *pgx.Conn) (n int, err error) {
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		n, err = s.sealIn(ctx, tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("seal the audit log: %w", err)
	}
	return n, nil
}

func (s *sealer) sealIn(ctx context.Context, tx pgx.Tx) (int, error) {
	var xmin uint64
	if err := tx.QueryRow(ctx, `select pg_snapshot_xmin(pg_current_snapshot())`).Scan(&xmin); err != nil {
		return 0, err
	}
	batch, err := readDue(ctx, tx, due, s.horizon)
	if err != nil {
		return 0, err
	}
	horizon := xmin
	if len(batch) == sealBatch {
		horizon = batch[len(batch)-1].xid
	}
	if len(batch) > 0 {
		if err := s.add(ctx, tx, batch, horizon); err != nil {
			return 0, err
		}
	}
	s.horizon = horizon // if the commit fails, the sealer begins anew
	return len(batch), nil
}

func readDue(ctx context.Context, tx pgx.Tx, query string, horizon uint64) ([]entryToSeal, error) {
	rows, err := tx.Query(ctx, query, horizon, sealBatch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e entryToSeal, err error) {
		var id string
		var digest []byte
		if err = row.Scan(&id, &digest, &e.xid); err != nil {
			return e, err
		}
		e.leaf, err = leafOf(id, digest)
		return e, err
	})
}

// add puts leaves behind those that are there and signs the new checkpoint,
// all in tx.
func (s *sealer) add(ctx context.Context, tx pgx.Tx, batch []entryToSeal, horizon uint64) error {
	var size uint64
	if err := tx.QueryRow(ctx, `select size from audit.log for update`).Scan(&size); err != nil {
		return err
	}
	if size != s.tree.End() {
		return fmt.Errorf("the log has %d leaves, this sealer knows of %d: somebody else has sealed", size, s.tree.End())
	}
	var nodes [][]any
	visit := func(id compact.NodeID, hash []byte) {
		if id.Level > 0 && id.Level%tileHeight == 0 {
			nodes = append(nodes, []any{int16(id.Level), int64(id.Index), hash})
		}
	}
	leaves := make([][]any, len(batch))
	for i, e := range batch {
		leaves[i] = []any{int64(size) + int64(i), [16]byte(e.leaf.ID), e.leaf.Digest[:]}
		if err := s.tree.Append(s.hash.leaf(e.leaf), visit); err != nil {
			return err
		}
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"audit", "leaf"}, []string{"number", "id", "digest"}, pgx.CopyFromRows(leaves)); err != nil {
		return err
	}
	if len(nodes) > 0 {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"audit", "node"}, []string{"level", "number", "hash"}, pgx.CopyFromRows(nodes)); err != nil {
			return err
		}
	}
	return s.sign(ctx, tx, horizon)
}

func (s *sealer) sign(ctx context.Context, tx pgx.Tx, horizon uint64) error {
	root, err := s.hash.root(s.tree)
	if err != nil {
		return err
	}
	c := Checkpoint{Origin: s.origin, Size: int64(s.tree.End()), Root: root, Hash: s.hash, Time: time.Now()}
	if err := c.seal(s.keys); err != nil {
		return err
	}
	const update = `update audit.log set size = $1, horizon = $2, checkpoint = $3`
	if _, err := tx.Exec(ctx, update, c.Size, horizon, c.Note); err != nil {
		return err
	}
	s.newest, s.owed = c, true
	return nil
}

// tellRepeated writes how often reads were repeated, when their windows are
// over and at the end.
func (l *Log) tellRepeated(ctx context.Context) {
	for sleep(ctx, l.o.Window/4) {
		l.flushAll(ctx, false)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	l.flushAll(last, true)
}

// sleep waits, and says whether ctx still goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
