package handover

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Audit writes an entry in the transaction of the change; audit.Log has it.
type Audit func(ctx context.Context, tx pgx.Tx, e audit.Entry) error

// Service keeps the hand-overs in PostgreSQL. It is safe for concurrent use.
type Service struct {
	pool  *pgxpool.Pool
	wall  *database.Wall
	audit Audit
}

// Open brings the tables up to date.
func Open(ctx context.Context, pool *pgxpool.Pool, a Audit) (*Service, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the hand-overs' migrations: %w", err)
	}
	if err := database.Migrate(ctx, pool, "handover", files); err != nil {
		return nil, err
	}
	sees := "region like any ((select scope.nodes('region'))::text[])"
	if err := database.Guard(ctx, pool, database.Guarded{Table: "handover.note", Sees: sees}); err != nil {
		return nil, fmt.Errorf("open the hand-overs: %w", err)
	}
	wall, err := database.WallOf(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("open the hand-overs: %w", err)
	}
	return &Service{pool: pool, wall: wall, audit: a}, nil
}

const columns = "id, region, by, at, text, items, coalesce(taken_by, ''), taken"

func scan(row pgx.CollectableRow) (n Note, err error) {
	err = row.Scan(&n.ID, &n.Region, &n.By, &n.At, &n.Text, &n.Items, &n.TakenBy, &n.Taken)
	return n, err
}

// Page of notes, newest first.
type Page struct {
	Items []Note `json:"items"`
	Next  string `json:"next,omitempty"`
}

// List is the notes of the regions, newest first; waiting: only those that
// nobody has signed off; after: the id of the last one of the page before.
func (s *Service) List(ctx context.Context, regions []string, waiting bool, after string, limit int) (Page, error) {
	prefixes := make([]string, len(regions))
	for i, r := range regions {
		prefixes[i] = database.Pattern(r)
	}
	sql := `select ` + columns + ` from handover.note
		where region like any($1) and ($2 = false or taken is null)
		and ($3 = '' or (at, id) < (select at, id from handover.note where id = $3))
		order by at desc, id desc limit $4`
	notes, err := database.Collect(ctx, s.wall, database.Scope{Regions: regions}, sql, []any{prefixes, waiting, after, limit}, scan)
	if err != nil {
		return Page{}, fmt.Errorf("list hand-overs: %w", err)
	}
	p := Page{Items: notes}
	if len(notes) == limit {
		p.Next = notes[limit-1].ID
	}
	return p, nil
}

// Write keeps a note of the actor's; its ID, Region, Text and Items are taken.
// The same ID again answers with the note that is there. *InvalidError,
// ErrNotAllowed.
func (s *Service) Write(ctx context.Context, actor flow.Actor, n Note) (Note, error) {
	if err := n.check(); err != nil {
		return Note{}, err
	}
	if !allowed(actor, n.Region) {
		return Note{}, ErrNotAllowed
	}
	if n.Items == nil {
		n.Items = []Concern{}
	}
	var kept Note
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		made, err := tx.Exec(ctx, `insert into handover.note (id, region, by, text, items) values ($1, $2, $3, $4, $5) on conflict do nothing`,
			n.ID, n.Region, actor.Subject, n.Text, n.Items)
		if err != nil {
			return err
		}
		if kept, err = one(ctx, tx, n.ID, ""); err != nil || made.RowsAffected() == 0 {
			return err
		}
		return s.log(ctx, tx, actor, "incident.handover.write", kept)
	})
	if err != nil {
		return Note{}, fmt.Errorf("write a hand-over: %w", err)
	}
	// The id is somebody else's: what they wrote is not for whoever guesses it.
	if kept.By != actor.Subject {
		return Note{}, &InvalidError{"/id", "编号已被使用", "is in use"}
	}
	return kept, nil
}

// Take signs a note off 签收: the actor knows what it says. ErrUnknown also for
// who may not read it, ErrOwn, *TakenError. Who took it already may again.
func (s *Service) Take(ctx context.Context, actor flow.Actor, id string) (Note, error) {
	var n Note
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if n, err = one(ctx, tx, id, " for update"); err != nil {
			return err
		}
		switch {
		case !allowed(actor, n.Region):
			return ErrUnknown
		case n.TakenBy == actor.Subject:
			return nil
		case n.TakenBy != "":
			return &TakenError{n}
		case n.By == actor.Subject:
			return ErrOwn
		}
		if _, err = tx.Exec(ctx, `update handover.note set taken_by = $2, taken = now() where id = $1`, id, actor.Subject); err != nil {
			return err
		}
		if n, err = one(ctx, tx, id, ""); err != nil {
			return err
		}
		return s.log(ctx, tx, actor, "incident.handover.take", n)
	})
	if err != nil {
		return Note{}, fmt.Errorf("sign a hand-over off: %w", err)
	}
	return n, nil
}

func one(ctx context.Context, tx pgx.Tx, id, lock string) (Note, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from handover.note where id = $1`+lock, id)
	if err != nil {
		return Note{}, err
	}
	n, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Note{}, ErrUnknown
	}
	return n, err
}

func allowed(actor flow.Actor, region string) bool {
	return actor.Allow != nil && actor.Allow(need, flow.Item{Region: region})
}

func (s *Service) log(ctx context.Context, tx pgx.Tx, actor flow.Actor, action string, n Note) error {
	detail, err := json.Marshal(map[string]any{"items": len(n.Items), "text": n.Text})
	if err != nil {
		return fmt.Errorf("write the log's detail: %w", err)
	}
	return s.audit(ctx, tx, audit.Entry{Actor: actor.Subject, From: actor.From, Session: actor.Session,
		Action: action, Object: "handover:" + n.ID, Region: n.Region, Outcome: audit.Done, Detail: detail})
}
