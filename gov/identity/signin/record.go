package signin

import (
	"context"
	"encoding/json"
	"fmt"

	"onecity/gov/identity"
	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// event is what the log is told: who (actor, from, session), what, about whom.
type event struct {
	actor, from, session, why string
	action, object            string
	region, org               string
	refused                   bool
	detail                    map[string]any
}

// about is an event of an account; nobody knows yet who does it.
func about(a account, action, from string) event {
	return event{actor: "unknown", from: from, action: action, object: a.subject(), region: a.region, org: a.org}
}

// does is an event of a person in their own session.
func does(a account, action string, at Session) event {
	e := about(a, action, at.From)
	e.actor, e.session = a.subject(), at.ID
	return e
}

// done is an event of somebody who works on another's account.
func done(a account, action string, by identity.By) event {
	e := about(a, action, by.From)
	e.actor, e.session, e.why = by.Subject, by.Session, by.Why
	return e
}

func (e event) with(detail map[string]any) event {
	e.detail = detail
	return e
}

func (e event) because(reason string) event {
	e.refused = true
	return e.with(map[string]any{"reason": text(reason, 500)})
}

func (s *Service) record(ctx context.Context, tx pgx.Tx, e event) error {
	entry := audit.Entry{
		Actor: e.actor, From: e.from, Session: e.session, Why: e.why,
		Action: e.action, Object: e.object, Region: e.region, Org: e.org, Outcome: audit.Done,
	}
	if e.refused {
		entry.Outcome = audit.Refused
	}
	if e.detail != nil {
		detail, err := json.Marshal(e.detail)
		if err != nil {
			return fmt.Errorf("write the log's detail: %w", err)
		}
		entry.Detail = detail
	}
	if err := s.audit(ctx, tx, entry); err != nil {
		return fmt.Errorf("log %s: %w", e.action, err)
	}
	return nil
}

func (s *Service) inTx(ctx context.Context, what string, fn func(pgx.Tx) error) error {
	if err := pgx.BeginFunc(ctx, s.pool, fn); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
