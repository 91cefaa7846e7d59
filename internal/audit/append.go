package audit

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// maxName is the most bytes that Actor, Action, Object, Region and Org may
// have: they are indexed. maxText is that of the other texts.
const (
	maxName   = 512
	maxText   = 16 << 10
	maxDetail = 1 << 20
)

// Append writes e down in tx, the transaction of what it tells of: both are
// there or neither. ErrEntry when e lacks an Actor, an Action or an Outcome, or
// is too large.
func (l *Log) Append(ctx context.Context, tx pgx.Tx, e Entry) error {
	return l.AppendAll(ctx, tx, []Entry{e})
}

// Tell appends an entry on its own: of a change that another store holds. Unlike
// Note it keeps every one, equal or not.
func (l *Log) Tell(ctx context.Context, e Entry) error {
	return pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error { return l.Append(ctx, tx, e) })
}

// AppendAll is Append for many: one copy, however many there are.
func (l *Log) AppendAll(ctx context.Context, tx pgx.Tx, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	var now time.Time
	for i := range entries {
		if entries[i].At.IsZero() {
			if err := tx.QueryRow(ctx, `select clock_timestamp()`).Scan(&now); err != nil {
				return fmt.Errorf("append to the audit log: ask for the time: %w", err)
			}
			break
		}
	}
	rows := make([]row, len(entries))
	for i, e := range entries {
		if e.At.IsZero() {
			e.At = now
		}
		var err error
		if rows[i], err = l.prepare(e); err != nil {
			return fmt.Errorf("append %s to the audit log: %w", e.Action, err)
		}
	}
	if err := write(ctx, tx, rows); err != nil {
		return fmt.Errorf("append %s to the audit log: %w", entries[0].Action, err)
	}
	return nil
}

// row is an entry as it goes into the table.
type row struct {
	Entry
	id                 uuid.UUID
	salt, rest, digest []byte
}

var columns = []string{"id", "at", "actor", "action", "object", "region", "org", "outcome",
	"source", "session", "why", "before", "after", "detail", "salt", "rest", "digest"}

func (r *row) values() []any {
	var detail any
	if len(r.Detail) > 0 {
		detail = []byte(r.Detail)
	}
	return []any{r.id, r.At, r.Actor, r.Action, r.Object, r.Region, r.Org, r.Outcome,
		r.From, r.Session, r.Why, r.Before, r.After, detail, r.salt, r.rest, r.digest}
}

const insertOne = `insert into audit.entry (id, at, actor, action, object, region, org, outcome,
	source, session, why, before, after, detail, salt, rest, digest)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`

func write(ctx context.Context, tx pgx.Tx, rows []row) error {
	if len(rows) == 1 {
		_, err := tx.Exec(ctx, insertOne, rows[0].values()...)
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"audit", "entry"}, columns,
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) { return rows[i].values(), nil }))
	return err
}

// prepare checks e and computes its digests.
func (l *Log) prepare(e Entry) (row, error) {
	e.At = e.At.UTC().Truncate(time.Microsecond) // as exact as PostgreSQL keeps it
	id, err := e.identify()
	if err != nil {
		return row{}, err
	}
	if err := e.check(); err != nil {
		return row{}, err
	}
	e.clean()
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails, by its contract
	var buf preimage
	rest := l.hash.rest(&buf, salt, &e)
	digest := l.hash.digest(&buf, &e, id, rest[:])
	return row{Entry: e, id: id, salt: salt, rest: rest[:], digest: digest[:]}, nil
}

func (e *Entry) identify() (uuid.UUID, error) {
	if e.ID == "" {
		id, err := uuid.NewV7()
		e.ID = id.String()
		return id, err
	}
	id, err := uuid.Parse(e.ID)
	if err != nil {
		return id, fmt.Errorf("%w: its id %q is no UUID", ErrEntry, e.ID)
	}
	e.ID = id.String()
	return id, nil
}

func (e *Entry) check() error {
	switch {
	case e.Actor == "":
		return fmt.Errorf("%w: it does not say who", ErrEntry)
	case e.Action == "":
		return fmt.Errorf("%w: it does not say what", ErrEntry)
	case e.Outcome != Done && e.Outcome != Refused && e.Outcome != Failed:
		return fmt.Errorf("%w: outcome %q is none of %q, %q, %q", ErrEntry, e.Outcome, Done, Refused, Failed)
	case len(e.Detail) > 0 && !json.Valid(e.Detail):
		return fmt.Errorf("%w: its detail is no JSON", ErrEntry)
	case len(e.Detail) > maxDetail:
		return fmt.Errorf("%w: its detail has %d bytes, more than %d", ErrEntry, len(e.Detail), maxDetail)
	}
	for _, s := range []string{e.Actor, e.Action, e.Object, e.Region, e.Org} {
		if len(s) > maxName {
			return fmt.Errorf("%w: %.40q… has %d bytes, more than %d", ErrEntry, s, len(s), maxName)
		}
	}
	return nil
}

// clean makes every text one that PostgreSQL takes: what a stranger has sent
// must not keep the trace of it from being written. Texts that are too long
// are cut.
func (e *Entry) clean() {
	for _, s := range []*string{&e.Actor, &e.Action, &e.Object, &e.Region, &e.Org, &e.From, &e.Session, &e.Why, &e.Before, &e.After} {
		if len(*s) > maxText {
			*s = (*s)[:maxText] + "…"
		}
		*s = clean(*s)
	}
	if len(e.Detail) > 0 {
		e.Detail = json.RawMessage(strings.ToValidUTF8(string(e.Detail), "\uFFFD"))
	} else {
		e.Detail = nil
	}
}
