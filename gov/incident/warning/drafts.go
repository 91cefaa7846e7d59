package warning

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"onecity/internal/audit"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// item is the warning as the kernel carries it.
func (w Warning) item() flow.Item {
	data, err := json.Marshal(carried{w.Colour, w.Expires, w.Authors})
	if err != nil {
		data = json.RawMessage(`{}`) // texts and a time always can be told
	}
	return flow.Item{Machine: MachineName, ID: w.ID, Title: w.Headline, Region: w.Region(), Data: data}
}

func may(by flow.Actor, w Warning) bool {
	if by.Allow == nil {
		return false
	}
	// In each of its regions, and where they lie: a warning of two towns is not
	// for who may warn in one of them.
	for _, r := range w.Regions {
		if !by.Allow(Action, flow.Item{Machine: MachineName, ID: w.ID, Region: r}) {
			return false
		}
	}
	return true
}

// Draft writes a new warning: what the caller fills in is taken, the rest is the
// server's. With Replaces it will take the place of one that is in force.
func (s *Service) Draft(ctx context.Context, by flow.Actor, w Warning, why string) (Warning, error) {
	now := s.now()
	if w.Sender == "" {
		w.Sender = s.o.Sender
	}
	if w.Onset.IsZero() {
		w.Onset = now
	}
	if err := w.check(now); err != nil {
		return Warning{}, err
	}
	w.ID = "w-" + now.Format("20060102") + "-" + strings.ToLower(rand.Text()[:8])
	w.State, w.Version, w.Made, w.Updated, w.Authors = Draft, 1, now, now, []string{by.Subject}
	w.settle()
	if !may(by, w) {
		return Warning{}, s.refuse(ctx, by, w)
	}
	err := s.flow.Tx(ctx, func(tx pgx.Tx) error {
		if w.Replaces != "" {
			old, err := load(ctx, tx, w.Replaces, "")
			if err != nil || old.State != Issued || !may(by, old) {
				return errors.Join(err, &FieldError{"replaces", "unknown", "没有这条有效预警 / no such warning is in force"})
			}
		}
		if err := insert(ctx, tx, w); err != nil {
			return err
		}
		_, err := s.flow.StartTx(ctx, tx, by, w.item(), why)
		return err
	})
	if err != nil {
		return Warning{}, fmt.Errorf("draft a warning: %w", err)
	}
	return w, nil
}

// Edit changes a draft; Version must be the one that was read. Who changes a
// draft is among its authors from then on.
func (s *Service) Edit(ctx context.Context, by flow.Actor, w Warning, why string) (out Warning, err error) {
	now := s.now()
	if w.Onset.IsZero() {
		w.Onset = now
	}
	if err := w.check(now); err != nil {
		return Warning{}, err
	}
	var was Warning
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// the kernel's item first, as when it is issued: or the two wait for each other
		if _, err := s.flow.LockTx(ctx, tx, MachineName, w.ID); err != nil && !errors.Is(err, flow.ErrUnknown) {
			return err
		}
		if was, err = load(ctx, tx, w.ID, "for update"); err != nil {
			return err
		}
		w.State, w.Made, w.Replaces, w.Authors = was.State, was.Made, was.Replaces, was.Authors
		w.settle()
		switch {
		case !may(by, was) || !may(by, w):
			return ErrRefused
		case was.State != Draft || was.Version != w.Version:
			return ErrConflict
		}
		if !slices.Contains(w.Authors, by.Subject) {
			w.Authors = append(slices.Clone(w.Authors), by.Subject)
		}
		w.Version, w.Updated = was.Version+1, now
		it := w.item()
		// The kernel carries what its guards and its clock go by; a draft's clock
		// runs on.
		tag, err := tx.Exec(ctx, `update flow.item set title = $2, region = $3, data = $4 where machine = $5 and id = $1 and state = $6`,
			w.ID, it.Title, it.Region, it.Data, MachineName, Draft)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrConflict
		}
		if err := update(ctx, tx, w); err != nil {
			return err
		}
		out = w
		return s.write(ctx, tx, by, "warning.edit", was, w, why)
	})
	if errors.Is(err, ErrRefused) {
		return Warning{}, s.refuse(ctx, by, was)
	}
	if err != nil {
		return Warning{}, fmt.Errorf("change warning %.40q: %w", w.ID, err)
	}
	return out, nil
}

// settle clears what is not a draft's to say.
func (w *Warning) settle() {
	w.Effective, w.Ended, w.Issuer, w.EndedBy, w.Why = time.Time{}, time.Time{}, "", "", ""
	w.Onset, w.Expires = w.Onset.UTC(), w.Expires.UTC()
}

// Get is one warning that the caller may see: one that is or was issued for all
// who see its region, a draft for those who may issue it.
func (s *Service) Get(ctx context.Context, by flow.Actor, id string, sees func(region string) bool) (Warning, error) {
	w, err := load(ctx, s.pool, id, "")
	if err == nil && !visible(w, by, sees) {
		err = ErrNotFound
	}
	if err != nil {
		return Warning{}, fmt.Errorf("find warning %.40q: %w", id, err)
	}
	return w, nil
}

func visible(w Warning, by flow.Actor, sees func(region string) bool) bool {
	if w.State == Draft || w.State == Dropped {
		return may(by, w)
	}
	return slices.ContainsFunc(w.Regions, sees)
}

// List are the warnings that the caller may see, the newest first.
func (s *Service) List(ctx context.Context, by flow.Actor, f Filter, sees func(region string) bool) ([]Warning, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	limit := min(f.Limit, 200)
	rows, err := s.pool.Query(ctx, `
		select body, state, version from warning.warning w
		where ($1 = '' or state = $1) and ($2 = '' or (made, id) < (select made, id from warning.warning where id = $2))
		order by made desc, id desc`, f.State, f.After)
	if err != nil {
		return nil, fmt.Errorf("list warnings: %w", err)
	}
	defer rows.Close()
	out := []Warning{}
	for len(out) < limit && rows.Next() {
		w, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("list warnings: %w", err)
		}
		if visible(w, by, sees) {
			out = append(out, w)
		}
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list warnings: %w", err)
	}
	return out, nil
}

// Current are the warnings in force now that touch what sees reaches, the
// gravest first, then the newest.
func (s *Service) Current(ctx context.Context, sees func(region string) bool) ([]Warning, error) {
	rows, err := s.pool.Query(ctx, `select body, state, version from warning.warning where state = 'issued' and expires > $1`, s.now())
	if err != nil {
		return nil, fmt.Errorf("read the warnings in force: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Warning, error) { return scan(row) })
	if err != nil {
		return nil, fmt.Errorf("read the warnings in force: %w", err)
	}
	out := []Warning{}
	for _, w := range all {
		if slices.ContainsFunc(w.Regions, sees) {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b Warning) int {
		if d := slices.Index(colours, b.Colour) - slices.Index(colours, a.Colour); d != 0 {
			return d
		}
		return b.Effective.Compare(a.Effective)
	})
	return out, nil
}

// readKey is where the version that somebody has read of a warning travels with
// the context.
type readKey struct{}

type read struct {
	id      string
	version int64
}

// asRead reports whether a warning is still the one that was read.
func asRead(ctx context.Context, w Warning) bool {
	r, ok := ctx.Value(readKey{}).(read)
	return !ok || r.id != w.ID || r.version == w.Version
}

// Fire issues, cancels or drops a warning; version is the warning's. The errors
// are the kernel's and ErrNotFound.
func (s *Service) Fire(ctx context.Context, by flow.Actor, id string, event flow.Event, version int64, input map[string]json.RawMessage, why string) (Warning, error) {
	w, err := load(ctx, s.pool, id, "")
	if err != nil {
		return Warning{}, fmt.Errorf("%s warning %.40q: %w", event, id, err)
	}
	if !may(by, w) {
		return Warning{}, s.refuse(ctx, by, w)
	}
	if w.Version != version {
		return Warning{}, fmt.Errorf("%s warning %s: %w", event, id, ErrConflict)
	}
	it, err := s.flow.Get(ctx, MachineName, id)
	if err != nil {
		return Warning{}, fmt.Errorf("%s warning %s: %w", event, id, err)
	}
	// An edit in between leaves the item's version as it is: s.issued looks again.
	if _, err := s.flow.Fire(context.WithValue(ctx, readKey{}, read{id, version}), by, flow.Command{Machine: MachineName, ID: id, Event: event, Version: it.Version, Input: input, Why: why}); err != nil {
		return Warning{}, fmt.Errorf("%s warning %s: %w", event, id, err)
	}
	return load(ctx, s.pool, id, "")
}

// refuse writes into the log that by was refused, and is ErrRefused.
func (s *Service) refuse(ctx context.Context, by flow.Actor, w Warning) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		return s.o.Audit(ctx, tx, audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Action: Action,
			Object: w.ID, Region: w.Region(), Outcome: audit.Refused})
	})
	if err != nil {
		return fmt.Errorf("log a refusal: %w", err)
	}
	return fmt.Errorf("%s %s: %w", Action, w.ID, ErrRefused)
}
