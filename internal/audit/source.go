package audit

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Head is what a source says of the log as a whole.
type Head struct {
	Origin string `json:"origin"`
	Hash   Hash   `json:"hash"`
	Size   int64  `json:"size"` // leaves
	// Checkpoint is the newest in the source; "" if there is none.
	Checkpoint string `json:"checkpoint,omitempty"`
}

// Claim is what a source says of one place in the log, or of an entry that has
// none. None of it is believed.
type Claim struct {
	Number int64   // of the leaf; -1: the entry is not sealed
	Stored *Leaf   // the leaf as it is stored; nil: not sealed
	Record *Record // the entry; nil: it is not there
}

// Source is where Verify reads a log: a database, or an export.
type Source interface {
	// Read gives the head and then every claim: the sealed in the order of
	// their numbers, then the others.
	Read(ctx context.Context, head func(Head) error, claim func(Claim) error) error
}

// Database is the Source in PostgreSQL; all is read in one snapshot.
func Database(pool *pgxpool.Pool) Source { return tables{pool} }

type tables struct{ pool *pgxpool.Pool }

// ErrNoLog: the database has no audit log.
var ErrNoLog = errors.New("the database has no audit log")

const readChunk = 10_000

func (d tables) Read(ctx context.Context, head func(Head) error, claim func(Claim) error) error {
	o := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, d.pool, o, func(tx pgx.Tx) error {
		var h Head
		err := tx.QueryRow(ctx, `select origin, hash, size, checkpoint from audit.log`).Scan(&h.Origin, &h.Hash, &h.Size, &h.Checkpoint)
		if err = noLog(err); err != nil {
			return err
		}
		if err := head(h); err != nil {
			return err
		}
		return readClaims(ctx, tx, claim)
	})
	if err != nil {
		return fmt.Errorf("read the audit log from the database: %w", err)
	}
	return nil
}

// noScans keeps the planner from joining by reading whole tables.
const (
	noScans     = `set enable_hashjoin = off; set enable_mergejoin = off`
	noScansHere = `set local enable_hashjoin = off; set local enable_mergejoin = off` // until the transaction ends
)

func readClaims(ctx context.Context, tx pgx.Tx, claim func(Claim) error) error {
	// In pieces, each found through the indexes: the planner might read the
	// whole table for every piece.
	if _, err := tx.Exec(ctx, noScansHere); err != nil {
		return err
	}
	const sealed = `select l.number, l.id::text, l.digest, ` + entryColumns + ` from audit.leaf l left join audit.entry e on e.id = l.id
		where l.number >= $1 order by l.number limit $2`
	for from := int64(math.MinInt64); ; {
		n := 0
		err := eachClaim(ctx, tx, func(c Claim) error { n++; from = c.Number + 1; return claim(c) }, sealed, from, readChunk)
		if err != nil {
			return err
		}
		if n < readChunk {
			break
		}
	}
	if _, err := tx.Exec(ctx, `set local enable_hashjoin = on; set local enable_mergejoin = on`); err != nil {
		return err
	}
	const unsealed = `select -1::bigint, null, null, ` + entryColumns + ` from audit.entry e
		where not exists (select from audit.leaf l where l.id = e.id) order by e.at, e.id`
	return eachClaim(ctx, tx, claim, unsealed)
}

func eachClaim(ctx context.Context, tx pgx.Tx, claim func(Claim) error, sql string, args ...any) error {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Claim
		var id *string
		var digest []byte
		var s recordScan
		if err := rows.Scan(append([]any{&c.Number, &id, &digest}, s.targets()...)...); err != nil {
			return err
		}
		c.Record = s.record()
		if id != nil {
			leaf := Leaf{ID: uuid.MustParse(*id)} // the column is of type uuid
			copy(leaf.Digest[:], digest)          // one of another length was put in, and is not equal to any
			c.Stored = &leaf
		}
		if err := claim(c); err != nil {
			return err
		}
	}
	return rows.Err()
}
