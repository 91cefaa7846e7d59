package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"onecity/internal/audit"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// object is a partner's name in the log.
func object(p Partner) string { return "partner:" + p.ID }

// changed writes into the log what by made of a partner.
func (s *Service) changed(ctx context.Context, tx pgx.Tx, by flow.Actor, why, action string, before, after *Partner) error {
	p := after
	if p == nil {
		p = before
	}
	detail, err := json.Marshal(map[string]*Partner{"before": before, "after": after})
	if err != nil {
		return fmt.Errorf("log %s: %w", action, err)
	}
	return s.write(ctx, tx, audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Why: why, Action: action,
		Object: object(*p), Region: p.Region, Outcome: audit.Done, Before: fingerprint(before), After: fingerprint(after), Detail: detail})
}

// refuse writes into the log that by was refused, and is ErrRefused.
func (s *Service) refuse(ctx context.Context, by flow.Actor, action string, p Partner) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		return s.write(ctx, tx, audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Action: action,
			Object: object(p), Region: p.Region, Outcome: audit.Refused})
	})
	if err != nil {
		return err
	}
	return fmt.Errorf("%s %s: %w", action, p.ID, ErrRefused)
}

func (s *Service) write(ctx context.Context, tx pgx.Tx, e audit.Entry) error {
	if err := s.o.Audit(ctx, tx, e); err != nil {
		return fmt.Errorf("log %s: %w", e.Action, err)
	}
	return nil
}

// fingerprint of a partner's settings: SHA-256 of its JSON, in hex; empty for none.
func fingerprint(p *Partner) string {
	if p == nil {
		return ""
	}
	settled := *p
	settled.Waiting, settled.Dead, settled.LastSent = 0, 0, nil
	body, err := json.Marshal(settled)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
