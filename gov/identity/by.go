package identity

import (
	"context"
	"encoding/json"
	"fmt"

	"onecity/gov/identity/access"
	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// By is who makes a change, from where, and why: each change of the directory
// takes one.
type By struct {
	Rights  *access.Subject // nil: the program itself, which may do everything
	Subject string          // "person:…", "app:…"; "system" without Rights
	From    string
	Session string
	Why     string
}

// System is the program itself.
func System(why string) By { return By{Subject: "system", Why: why} }

func (by By) can(a access.Action, o access.Object) bool {
	return by.Subject == "system" || by.Rights.Can(a, o)
}

// change is one change of the directory as the log tells it.
type change struct {
	action        string
	object        string
	region, org   string
	before, after any // nil: it was, or is, not there
}

// refuse writes into the log that somebody was refused, and is ErrRefused.
func (d *Directory) refuse(ctx context.Context, by By, c change) error {
	err := pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		return d.record(ctx, tx, by, c, audit.Refused)
	})
	if err != nil {
		return err
	}
	return fmt.Errorf("%s %s: %w", c.action, c.object, ErrRefused)
}

func (d *Directory) record(ctx context.Context, tx pgx.Tx, by By, c change, outcome string) error {
	detail, err := json.Marshal(map[string]any{"before": c.before, "after": c.after})
	if err != nil {
		return fmt.Errorf("write the log's detail: %w", err)
	}
	e := audit.Entry{
		Actor: by.Subject, From: by.From, Session: by.Session, Why: by.Why,
		Action: c.action, Object: c.object, Region: c.region, Org: c.org, Outcome: outcome, Detail: detail,
	}
	if outcome == audit.Done {
		if e.Before, err = audit.StateDigest(c.before); err == nil {
			e.After, err = audit.StateDigest(c.after)
		}
		if err != nil {
			return fmt.Errorf("write the log's digest: %w", err)
		}
	}
	if err := d.audit(ctx, tx, e); err != nil {
		return fmt.Errorf("log %s: %w", c.action, err)
	}
	return nil
}
