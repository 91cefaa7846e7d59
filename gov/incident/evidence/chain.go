package evidence

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"onecity/gov/incident"
	"onecity/internal/audit"
	"onecity/internal/database"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Action is that of the audit log's entries that tell of a chain's new head;
// their After is the head's hash, their Before that of the link before.
const Action = "incident.evidence.link"

// Log is the audit log, as far as a chain needs it (audit.Log).
type Log interface {
	Append(ctx context.Context, tx pgx.Tx, e audit.Entry) error
	Search(ctx context.Context, within audit.Within, f audit.Filter, p audit.Page) (audit.Result, error)
}

// Read gives the bytes that are kept under a proof's Media. An error that wraps
// ErrGone says that there are none.
type Read func(ctx context.Context, media string) ([]byte, error)

// ErrGone is what an error of Read wraps when nothing is kept under that name.
var ErrGone = errors.New("nothing is kept under that name")

// Chain keeps the chains of all cases.
type Chain struct {
	pool *pgxpool.Pool
	log  Log
	read Read
}

// Open makes the tables of the chains, or brings them up to date.
func Open(ctx context.Context, pool *pgxpool.Pool, log Log, read Read) (*Chain, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open the chains of evidence: %w", err)
	}
	if err := database.Migrate(ctx, pool, "evidence", files); err != nil {
		return nil, fmt.Errorf("open the chains of evidence: %w", err)
	}
	return &Chain{pool: pool, log: log, read: read}, nil
}

// Append adds a link for a proof of c in tx, the transaction in which the proof
// is kept: both are there or neither. The proof's chain is the transaction's
// until it ends. A proof that has a link already gets no other.
func (s *Chain) Append(ctx context.Context, tx pgx.Tx, c incident.Case, p incident.Proof) error {
	if err := s.append(ctx, tx, c, p); err != nil {
		return fmt.Errorf("add proof %s to the chain of evidence of %s: %w", p.ID, c.ID, err)
	}
	return nil
}

func (s *Chain) append(ctx context.Context, tx pgx.Tx, c incident.Case, p incident.Proof) error {
	p.Case = c.ID
	// two proofs of one case that come at once are one after the other
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('evidence ' || $1, 0))`, c.ID); err != nil {
		return err
	}
	var there bool
	var seq int
	var head string
	err := tx.QueryRow(ctx, `
		select exists (select from evidence.link where case_id = $1 and proof = $2),
			coalesce((select max(seq) from evidence.link where case_id = $1), 0),
			coalesce((select hash from evidence.link where case_id = $1 order by seq desc limit 1), '')`, c.ID, p.ID).Scan(&there, &seq, &head)
	if err != nil || there {
		return err
	}
	l := linkOf(p, seq+1, head)
	entry, err := uuid.NewV7()
	if err != nil {
		return err
	}
	l.Entry = entry.String()
	detail, err := json.Marshal(map[string]any{"proof": l.Proof, "seq": l.Seq, "phase": l.Phase, "sha256": l.SHA256})
	if err != nil {
		return err
	}
	err = s.log.Append(ctx, tx, audit.Entry{ID: l.Entry, Actor: p.By, Action: Action, Object: objectOf(c.ID), Region: c.Region, Org: c.Org,
		Outcome: audit.Done, Before: l.Previous, After: l.Hash, Detail: detail})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into evidence.link (case_id, seq, proof, phase, media, sha256, bytes, taken_at, received, by_, place, text_, previous, hash, entry)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		l.Case, l.Seq, l.Proof, l.Phase, l.Media, l.SHA256, l.Bytes, l.TakenAt, l.Received, l.By, l.Place, l.Text, l.Previous, l.Hash, l.Entry)
	return err
}

func objectOf(id string) string { return "incident:" + id }

// Links are a case's, as they stand in the table.
func (s *Chain) Links(ctx context.Context, id string) ([]Link, error) {
	rows, err := s.pool.Query(ctx, `
		select case_id, seq, proof, phase, media, sha256, bytes, taken_at, received, by_, place, text_, previous, hash, entry::text
		from evidence.link where case_id = $1 order by seq`, id)
	if err != nil {
		return nil, fmt.Errorf("read the chain of evidence of %s: %w", id, err)
	}
	links, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l Link, err error) {
		err = row.Scan(&l.Case, &l.Seq, &l.Proof, &l.Phase, &l.Media, &l.SHA256, &l.Bytes, &l.TakenAt, &l.Received, &l.By, &l.Place, &l.Text, &l.Previous, &l.Hash, &l.Entry)
		l.TakenAt, l.Received = l.TakenAt.UTC(), l.Received.UTC()
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the chain of evidence of %s: %w", id, err)
	}
	return links, nil
}
