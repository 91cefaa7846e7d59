package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"

	"onecity/gov/identity"
	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

type fromKey struct{}

// From says in ctx from which address a request comes, for the log: the web
// layer calls Approve and Deny with it.
func From(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, fromKey{}, address)
}

func fromOf(ctx context.Context) string {
	s, _ := ctx.Value(fromKey{}).(string)
	return s
}

// address is the connection's other end without its port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// told is the detail of an entry.
func told(detail map[string]any) json.RawMessage {
	body, err := json.Marshal(detail)
	if err != nil {
		return json.RawMessage(`{}`) // texts and times always can be told
	}
	return body
}

// write puts an entry about an application into the log, in the place of its
// owner.
func (p *Provider) write(ctx context.Context, tx pgx.Tx, app string, e audit.Entry) error {
	if e.From == "" {
		e.From = fromOf(ctx)
	}
	if e.Outcome == "" {
		e.Outcome = audit.Done
	}
	if app != "" {
		err := tx.QueryRow(ctx, `select o.path, o.region from provider.app a join identity.org o on o.id = a.org where a.id = $1`, app).Scan(&e.Org, &e.Region)
		if err != nil {
			return fmt.Errorf("log %s: %w", e.Action, err)
		}
	}
	if err := p.o.Audit(ctx, tx, e); err != nil {
		return fmt.Errorf("log %s: %w", e.Action, err)
	}
	return nil
}

// refuse writes into the log that by was refused, and is identity.ErrRefused.
func (p *Provider) refuse(ctx context.Context, by identity.By, action string, a App) error {
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		return p.o.Audit(ctx, tx, audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Why: by.Why,
			Action: action, Object: a.Subject(), Region: a.Region, Org: a.OrgPath, Outcome: audit.Refused})
	})
	if err != nil {
		return fmt.Errorf("log a refusal: %w", err)
	}
	return fmt.Errorf("%s %s: %w", action, a.ID, identity.ErrRefused)
}

// changed writes what by made of an application into the log.
func (p *Provider) changed(ctx context.Context, tx pgx.Tx, by identity.By, action string, before, after *App, detail map[string]any) error {
	e := audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Why: by.Why, Action: action,
		Object: after.Subject(), Region: after.Region, Org: after.OrgPath, Outcome: audit.Done,
		Before: fingerprint(before), After: fingerprint(after)}
	if detail == nil {
		detail = map[string]any{"before": before, "after": after}
	}
	e.Detail = told(detail)
	if err := p.o.Audit(ctx, tx, e); err != nil {
		return fmt.Errorf("log %s: %w", action, err)
	}
	return nil
}

// fingerprint of a state: SHA-256 of its JSON, in hex; empty for none.
func fingerprint(a *App) string {
	if a == nil {
		return ""
	}
	body, err := json.Marshal(a)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
