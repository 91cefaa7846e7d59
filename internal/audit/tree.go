package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/transparency-dev/merkle/compact"
)

// tileHeight is the distance of the levels that are stored: with 8, one hash
// for 256 below. What lies between is computed when it is asked for.
const tileHeight = 8

// batcher is a pool, a connection or a transaction.
type batcher interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// nodes gives the hashes of nodes of the stored tree, all of which must be
// full. They are as good as the tables are: only Verify knows.
func (h Hash) nodes(ctx context.Context, db batcher, ids []compact.NodeID) ([][]byte, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	batch := &pgx.Batch{}
	for _, id := range ids {
		base := id.Level - id.Level%tileHeight
		first, n := id.Index<<(id.Level-base), uint64(1)<<(id.Level-base)
		if base == 0 {
			batch.Queue(`select id::text, digest from audit.leaf where number >= $1 and number < $2 order by number`, first, first+n)
		} else {
			batch.Queue(`select '', hash from audit.node where level = $1 and number >= $2 and number < $3 order by number`, base, first, first+n)
		}
	}
	results := db.SendBatch(ctx, batch)
	hashes := make([][]byte, len(ids))
	for i, id := range ids {
		children, err := h.children(results, id)
		if err == nil && len(children) != 1<<(id.Level%tileHeight) {
			err = fmt.Errorf("%w: %d of %d hashes below node %d of level %d are there", ErrContradicts,
				len(children), 1<<(id.Level%tileHeight), id.Index, id.Level)
		}
		if err != nil {
			_ = results.Close() // the error that came first is told
			return nil, fmt.Errorf("read the stored tree: %w", err)
		}
		hashes[i] = h.fold(children)
	}
	if err := results.Close(); err != nil {
		return nil, fmt.Errorf("read the stored tree: %w", err)
	}
	return hashes, nil
}

func (h Hash) children(results pgx.BatchResults, id compact.NodeID) ([][]byte, error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]byte, error) {
		var name string
		var hash []byte
		if err := row.Scan(&name, &hash); err != nil || id.Level >= tileHeight {
			return hash, err
		}
		leaf, err := leafOf(name, hash)
		return h.leaf(leaf), err
	})
}

// fold is the root of a full tree over hashes, a power of two of them.
func (h Hash) fold(hashes [][]byte) []byte {
	for len(hashes) > 1 {
		for i := 0; i < len(hashes); i += 2 {
			hashes[i/2] = h.HashChildren(hashes[i], hashes[i+1])
		}
		hashes = hashes[:len(hashes)/2]
	}
	return hashes[0]
}

func (h Hash) ranges() *compact.RangeFactory { return &compact.RangeFactory{Hash: h.HashChildren} }

// storedTree is the right edge of the stored tree at some size: enough to go
// on from there, and to know its root.
func (h Hash) storedTree(ctx context.Context, db batcher, size int64) (*compact.Range, error) {
	hashes, err := h.nodes(ctx, db, compact.RangeNodes(0, uint64(size), nil))
	if err != nil {
		return nil, err
	}
	r, err := h.ranges().NewRange(0, uint64(size), hashes)
	if err != nil {
		return nil, fmt.Errorf("read the stored tree: %w", err)
	}
	return r, nil
}

func (h Hash) root(r *compact.Range) ([]byte, error) {
	if r.End() == 0 {
		return h.EmptyRoot(), nil
	}
	return r.GetRootHash(nil)
}
