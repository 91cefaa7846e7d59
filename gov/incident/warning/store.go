package warning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"onecity/internal/audit"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// querier is a pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func scan(row pgx.Row) (w Warning, err error) {
	var state string
	var version int64
	if err := row.Scan(&w, &state, &version); err != nil {
		return Warning{}, err
	}
	w.State, w.Version = flow.State(state), version
	return w, nil
}

// load reads one; lock is SQL.
func load(ctx context.Context, q querier, id, lock string) (Warning, error) {
	if !plain(id) || len(id) > 64 { // nothing that the database would choke on
		return Warning{}, ErrNotFound
	}
	w, err := scan(q.QueryRow(ctx, `select body, state, version from warning.warning where id = $1 `+lock, id))
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return w, err
}

func insert(ctx context.Context, q execer, w Warning) error {
	_, err := q.Exec(ctx, `insert into warning.warning (id, state, region, regions, version, made, expires, body) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		w.ID, w.State, w.Region(), w.Regions, w.Version, w.Made, w.Expires, w)
	return err
}

func update(ctx context.Context, q execer, w Warning) error {
	_, err := q.Exec(ctx, `update warning.warning set state = $2, region = $3, regions = $4, version = $5, expires = $6, body = $7 where id = $1`,
		w.ID, w.State, w.Region(), w.Regions, w.Version, w.Expires, w)
	return err
}

// issued makes a draft hold, and ends the one that it replaces.
func (s *Service) issued(ctx context.Context, tx pgx.Tx, c flow.Change) error {
	w, err := load(ctx, tx, c.Item.ID, "for update")
	if err != nil {
		return err
	}
	if !asRead(ctx, w) {
		return ErrConflict
	}
	w.State, w.Version, w.Updated, w.Effective, w.Issuer = Issued, w.Version+1, c.Now, c.Now, c.Actor.Subject
	if w.Replaces != "" {
		old, err := s.flow.Get(ctx, MachineName, w.Replaces)
		if err != nil {
			return err
		}
		// One that is over meanwhile needs no end; the new one holds all the same.
		if old.State == Issued {
			if _, err := s.flow.FireTx(ctx, tx, flow.System(), flow.Command{Machine: MachineName, ID: w.Replaces, Event: Replace, Version: old.Version, Why: w.ID}); err != nil {
				return fmt.Errorf("end the warning it replaces: %w", err)
			}
		}
	}
	return s.store(ctx, tx, c, w)
}

// ended keeps that a warning holds no more, or never will.
func (s *Service) ended(ctx context.Context, tx pgx.Tx, c flow.Change) error {
	w, err := load(ctx, tx, c.Item.ID, "for update")
	if err != nil {
		return err
	}
	if !asRead(ctx, w) {
		return ErrConflict
	}
	w.State, w.Version, w.Updated, w.Ended, w.EndedBy = c.To, w.Version+1, c.Now, c.Now, c.Actor.Subject
	if raw, ok := c.Input["reason"]; ok {
		if err := json.Unmarshal(raw, &w.Why); err != nil {
			return err
		}
	}
	return s.store(ctx, tx, c, w)
}

// store writes a warning and tells of it, unless it was never public.
func (s *Service) store(ctx context.Context, tx pgx.Tx, c flow.Change, w Warning) error {
	if err := update(ctx, tx, w); err != nil {
		return err
	}
	if w.State == Dropped {
		return nil
	}
	body, err := json.Marshal(Change{c.Event, w})
	if err != nil {
		return err
	}
	return s.flow.Emit(ctx, tx, flow.Message{At: c.Now, Kind: Kind, Object: w.ID, Region: w.Region(), Body: body})
}

// write puts a change that is no transition into the log.
func (s *Service) write(ctx context.Context, tx pgx.Tx, by flow.Actor, action string, before, after Warning, why string) error {
	detail, err := json.Marshal(map[string]Warning{"before": before, "after": after})
	if err != nil {
		return err
	}
	return s.o.Audit(ctx, tx, audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Why: why, Action: action, Object: after.ID,
		Region: after.Region(), Outcome: audit.Done, Before: digest(before), After: digest(after), Detail: detail})
}

func digest(w Warning) string {
	body, err := json.Marshal(w)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
