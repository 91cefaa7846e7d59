package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/transparency-dev/merkle/proof"
	"golang.org/x/mod/sumdb/note"
)

// Proof shows that an entry is in the log: with the checkpoint, its public key
// and this, a stranger can check it without the log (RFC 6962, 2.1.1).
type Proof struct {
	ID         string   `json:"id" doc:"条目 The entry"`
	Digest     string   `json:"digest" doc:"条目摘要 Digest of the entry, hex"`
	Index      int64    `json:"leafIndex" doc:"叶序号 Number of its leaf, from 0"`
	Hashes     [][]byte `json:"hashes" doc:"验证路径 Hashes from the leaf to the root, base64"`
	Checkpoint string   `json:"checkpoint" doc:"检查点 The signed checkpoint"`
}

// ErrProof: what was read is no proof, or proves nothing.
var ErrProof = errors.New("this is no proof")

// Proof is the inclusion proof of an entry under the newest checkpoint.
// ErrNotFound, ErrUnsealed, or ErrContradicts when the stored tree does not
// lead to the checkpoint.
func (l *Log) Proof(ctx context.Context, id string) (Proof, error) {
	p, err := l.inclusion(ctx, id)
	if err != nil {
		return Proof{}, fmt.Errorf("prove audit entry %s: %w", id, err)
	}
	return p, nil
}

func (l *Log) inclusion(ctx context.Context, id string) (Proof, error) {
	name, err := uuid.Parse(id)
	if err != nil {
		return Proof{}, ErrNotFound
	}
	var p Proof
	var digest []byte
	const ask = `select l.number, l.digest, g.checkpoint from audit.leaf l, audit.log g where l.id = $1`
	err = l.pool.QueryRow(ctx, ask, name).Scan(&p.Index, &digest, &p.Checkpoint)
	if errors.Is(err, pgx.ErrNoRows) {
		return Proof{}, l.missing(ctx, name)
	}
	if err != nil {
		return Proof{}, err
	}
	c, err := OpenCheckpoint(p.Checkpoint)
	if err != nil {
		return Proof{}, err
	}
	want, err := proof.Inclusion(uint64(p.Index), uint64(c.Size))
	if err != nil {
		return Proof{}, fmt.Errorf("%w: leaf %d of %d", ErrContradicts, p.Index, c.Size)
	}
	if p.Hashes, err = l.rehash(ctx, want); err != nil {
		return Proof{}, err
	}
	p.ID, p.Digest = name.String(), hex.EncodeToString(digest)
	if err := p.Verify(); err != nil { // what proves nothing is not handed out
		return Proof{}, fmt.Errorf("%w: %w", ErrContradicts, err)
	}
	return p, nil
}

func (l *Log) missing(ctx context.Context, id uuid.UUID) error {
	var there bool
	if err := l.pool.QueryRow(ctx, `select exists(select from audit.entry where id = $1)`, id).Scan(&there); err != nil {
		return err
	}
	if there {
		return ErrUnsealed
	}
	return ErrNotFound
}

func (l *Log) rehash(ctx context.Context, want proof.Nodes) ([][]byte, error) {
	hashes, err := l.hash.nodes(ctx, l.pool, want.IDs)
	if err != nil {
		return nil, err
	}
	return want.Rehash(hashes, l.hash.HashChildren)
}

// Verify checks that the hashes lead from the leaf to the checkpoint's root
// and, with keys, that the checkpoint is signed by one of them.
func (p Proof) Verify(keys ...note.Verifier) error {
	c, err := OpenCheckpoint(p.Checkpoint, keys...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	id, err := uuid.Parse(p.ID)
	if err != nil {
		return fmt.Errorf("%w: its id: %w", ErrProof, err)
	}
	digest, err := hex.DecodeString(p.Digest)
	if err != nil || len(digest) != DigestSize {
		return fmt.Errorf("%w: its digest is not %d bytes in hex", ErrProof, DigestSize)
	}
	if p.Index < 0 || c.Size < 0 {
		return fmt.Errorf("%w: leaf %d of %d", ErrProof, p.Index, c.Size)
	}
	leaf := c.Hash.leaf(Leaf{ID: id, Digest: Digest(digest)})
	if err := proof.VerifyInclusion(c.Hash, uint64(p.Index), uint64(c.Size), leaf, p.Hashes, c.Root); err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	return nil
}

// VerifyRecord is Verify, and that the proof is r's.
func (p Proof) VerifyRecord(r Record, keys ...note.Verifier) error {
	if err := p.Verify(keys...); err != nil {
		return err
	}
	c, err := OpenCheckpoint(p.Checkpoint)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	leaf, err := r.Leaf(c.Hash)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	if leaf.ID.String() != p.ID || hex.EncodeToString(leaf.Digest[:]) != p.Digest {
		return fmt.Errorf("%w: it is not that of entry %s as it is here", ErrProof, r.ID)
	}
	return nil
}

// ReadProof reads a proof in JSON and checks its form; Verify checks the rest.
func ReadProof(r io.Reader) (Proof, error) {
	var p Proof
	d := json.NewDecoder(io.LimitReader(r, 64<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	for _, h := range p.Hashes {
		if len(h) != DigestSize {
			return Proof{}, fmt.Errorf("%w: a hash of %d bytes", ErrProof, len(h))
		}
	}
	return p, nil
}

// Consistency shows that the log of size to is that of size from with more
// behind it (RFC 6962, 2.1.2).
func (l *Log) Consistency(ctx context.Context, from, to int64) ([][]byte, error) {
	fail := func(err error) ([][]byte, error) {
		return nil, fmt.Errorf("prove the log's growth from %d to %d: %w", from, to, err)
	}
	var size int64
	if err := l.pool.QueryRow(ctx, `select size from audit.log`).Scan(&size); err != nil {
		return fail(err)
	}
	if from < 0 || from > to || to > size {
		return fail(fmt.Errorf("the log has %d entries: %w", size, ErrNotFound))
	}
	want, err := proof.Consistency(uint64(from), uint64(to))
	if err != nil {
		return fail(err)
	}
	hashes, err := l.rehash(ctx, want)
	if err != nil {
		return fail(err)
	}
	return hashes, nil
}

// VerifyConsistency checks what Consistency gave, between two checkpoints.
func VerifyConsistency(from, to Checkpoint, hashes [][]byte) error {
	if from.Hash != to.Hash || from.Origin != to.Origin {
		return fmt.Errorf("%w: the checkpoints are of two logs", ErrProof)
	}
	if from.Size == 0 && bytes.Equal(from.Root, from.Hash.EmptyRoot()) {
		return nil // every log begins empty
	}
	if err := proof.VerifyConsistency(to.Hash, uint64(from.Size), uint64(to.Size), hashes, from.Root, to.Root); err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	return nil
}

func leafOf(id string, digest []byte) (Leaf, error) {
	name, err := uuid.Parse(id)
	if err != nil || len(digest) != DigestSize {
		return Leaf{}, fmt.Errorf("%w: leaf %.40q has no digest of %d bytes", ErrContradicts, id, DigestSize)
	}
	return Leaf{ID: name, Digest: Digest(digest)}, nil
}
