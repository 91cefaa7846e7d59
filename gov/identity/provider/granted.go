package provider

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"onecity/internal/audit"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// granted is what one sign-in in one application was given: the family of its
// tokens.
type granted struct {
	ID, App, Subject, Session string
	AuthTime                  time.Time
	AMR, Scopes               []string
	Until                     time.Time
}

// refreshRequest is a refresh token that is exchanged.
type refreshRequest struct {
	granted
	current []string // scopes that are asked for now
}

var _ op.RefreshTokenRequest = (*refreshRequest)(nil)

func (r *refreshRequest) GetAMR() []string                 { return r.AMR }
func (r *refreshRequest) GetAudience() []string            { return []string{r.App} }
func (r *refreshRequest) GetAuthTime() time.Time           { return r.AuthTime }
func (r *refreshRequest) GetClientID() string              { return r.App }
func (r *refreshRequest) GetScopes() []string              { return r.current }
func (r *refreshRequest) GetSubject() string               { return r.Subject }
func (r *refreshRequest) SetCurrentScopes(scopes []string) { r.current = scopes }
func (r *refreshRequest) family() string                   { return r.ID }

// serviceRequest is a program's that acts for itself.
type serviceRequest struct {
	app    string
	scopes []string
}

func (r *serviceRequest) GetSubject() string    { return "app:" + r.app }
func (r *serviceRequest) GetAudience() []string { return []string{r.app} }
func (r *serviceRequest) GetScopes() []string   { return r.scopes }

// tokenID is an access token's jti: it tells what it belongs to.
func tokenID(granted string) string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails, by its contract
	return granted + "." + hex.EncodeToString(b)
}

// familyOf is what a token with that jti belongs to; "" for another's.
func familyOf(jti string) string {
	id, _, ok := strings.Cut(jti, ".")
	if _, err := uuid.Parse(id); !ok || err != nil {
		return ""
	}
	return id
}

// CreateAccessToken is for a sign-in without refresh tokens, and for a service.
func (s *storage) CreateAccessToken(ctx context.Context, req op.TokenRequest) (string, time.Time, error) {
	switch r := req.(type) {
	case *authRequest:
		id, _, until, err := s.p.exchange(ctx, r, false)
		return id, until, fault(err)
	case *serviceRequest:
		id, until, err := s.p.serve(ctx, r)
		return id, until, fault(err)
	}
	return "", time.Time{}, fmt.Errorf("make an access token of a %T", req)
}

// CreateAccessAndRefreshTokens exchanges a code, or a refresh token for the next.
func (s *storage) CreateAccessAndRefreshTokens(ctx context.Context, req op.TokenRequest, current string) (string, string, time.Time, error) {
	switch r := req.(type) {
	case *authRequest:
		id, next, until, err := s.p.exchange(ctx, r, true)
		return id, next, until, fault(err)
	case *refreshRequest:
		id, next, until, err := s.p.rotate(ctx, r, current)
		return id, next, until, fault(err)
	}
	return "", "", time.Time{}, fmt.Errorf("make a refresh token of a %T", req)
}

// fault is an error as an application may see it: what OAuth has a word for,
// or that something is wrong here, but not what.
func fault(err error) error {
	var word *oidc.Error
	if err == nil || errors.As(err, &word) {
		return err
	}
	return oidc.ErrServerError().WithParent(err)
}

var errUsed = errors.New("it was used meanwhile")

// exchange uses a code up. It is the provider's own record that a sign-in with
// an application has gone through.
func (p *Provider) exchange(ctx context.Context, r *authRequest, refresh bool) (id, next string, until time.Time, err error) {
	now := p.now()
	g := granted{ID: uuid.NewString(), App: r.App, Subject: r.subject, Session: r.session, AuthTime: r.authTime, AMR: r.amr, Scopes: r.Scopes, Until: now.Add(tokenFor)}
	if refresh {
		g.Until = now.Add(p.o.RefreshFor)
	}
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update provider.request set used = $2, granted = $3 where id = $1 and used is null`, r.ID, now, g.ID)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errUsed
		}
		// What may have changed since the person approved.
		why, err := p.mayUse(ctx, tx, r.App, r.subject)
		if err != nil {
			return err
		}
		if why != "" {
			return oidc.ErrInvalidGrant().WithDescription("%s", why)
		}
		if err := insertGranted(ctx, tx, g, now); err != nil {
			return err
		}
		if refresh {
			if next, err = addRefresh(ctx, tx, g.ID, now); err != nil {
				return err
			}
		}
		if err := recordTest(ctx, tx, r.App, r.subject, r.redirect, now); err != nil {
			return err
		}
		return p.write(ctx, tx, r.App, audit.Entry{Actor: g.Subject, Session: g.Session, Action: "identity.oidc.token", Object: "app:" + g.App,
			Detail: told(map[string]any{"granted": g.ID, "scopes": g.Scopes, "refresh": refresh})})
	})
	if errors.Is(err, errUsed) {
		first, err := p.request(ctx, p.pool, `r.id = $1`, r.ID)
		if err != nil {
			return "", "", time.Time{}, err
		}
		return "", "", time.Time{}, oidc.ErrInvalidGrant().WithDescription("the code was used before").WithParent(p.replayed(ctx, first))
	}
	if err != nil {
		return "", "", time.Time{}, fmt.Errorf("exchange a code of %s: %w", r.App, err)
	}
	r.granted = g.ID
	return tokenID(g.ID), next, now.Add(tokenFor), nil
}

// serve gives a service a token for itself.
func (p *Provider) serve(ctx context.Context, r *serviceRequest) (id string, until time.Time, err error) {
	now := p.now()
	g := granted{ID: uuid.NewString(), App: r.app, Subject: r.GetSubject(), AuthTime: now, AMR: []string{}, Scopes: r.scopes, Until: now.Add(tokenFor)}
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if err := insertGranted(ctx, tx, g, now); err != nil {
			return err
		}
		if err := recordTest(ctx, tx, r.app, g.Subject, "", now); err != nil {
			return err
		}
		return p.write(ctx, tx, r.app, audit.Entry{Actor: g.Subject, Action: "identity.oidc.service", Object: "app:" + g.App,
			Detail: told(map[string]any{"granted": g.ID, "scopes": g.Scopes})})
	})
	if err != nil {
		return "", time.Time{}, fmt.Errorf("give the service %s a token: %w", r.app, err)
	}
	return tokenID(g.ID), g.Until, nil
}

func insertGranted(ctx context.Context, tx pgx.Tx, g granted, now time.Time) error {
	if g.Scopes == nil {
		g.Scopes = []string{}
	}
	_, err := tx.Exec(ctx, `insert into provider.granted (id, app, subject, session, auth_time, amr, scopes, made, until)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, g.ID, g.App, g.Subject, g.Session, g.AuthTime, g.AMR, g.Scopes, now, g.Until)
	return err
}

// recordTest notes the test sign-in of a draft; redirect, of all but a
// service, must still be one of its own.
func recordTest(ctx context.Context, tx pgx.Tx, app, by, redirect string, now time.Time) error {
	_, err := tx.Exec(ctx, `update provider.app set tested_at = $2, tested_by = $3 where id = $1 and state = 'draft' and tested_at is null
		and ($4 = '' or $4 = any(redirects) or kind = 'native')`, app, now, by, redirect)
	return err
}

func addRefresh(ctx context.Context, tx pgx.Tx, family string, now time.Time) (string, error) {
	token := "ocr_" + random()
	_, err := tx.Exec(ctx, `insert into provider.refresh (hash, granted, made) values ($1, $2, $3)`, digest(token), family, now)
	return token, err
}

// TokenRequestByRefreshToken finds what a refresh token belongs to. One that
// was used before ends its whole family (RFC 9700 §4.14.2).
func (s *storage) TokenRequestByRefreshToken(ctx context.Context, token string) (op.RefreshTokenRequest, error) {
	p := s.p
	g, used, err := p.familyOfRefresh(ctx, token)
	if err != nil {
		return nil, err
	}
	if used {
		return nil, p.reused(ctx, g)
	}
	if _, err := p.alive(ctx, g.ID); err != nil {
		return nil, err
	}
	return &refreshRequest{granted: g, current: slices.Clone(g.Scopes)}, nil
}

func (p *Provider) familyOfRefresh(ctx context.Context, token string) (g granted, used bool, err error) {
	err = p.pool.QueryRow(ctx, `select g.id::text, g.app, g.subject, g.session, g.auth_time, g.amr, g.scopes, g.until, r.used is not null
		from provider.refresh r join provider.granted g on g.id = r.granted where r.hash = $1`, digest(token)).
		Scan(&g.ID, &g.App, &g.Subject, &g.Session, &g.AuthTime, &g.AMR, &g.Scopes, &g.Until, &used)
	if errors.Is(err, pgx.ErrNoRows) {
		return g, false, op.ErrInvalidRefreshToken
	}
	if err != nil {
		return g, false, fmt.Errorf("find a refresh token: %w", err)
	}
	return g, used, nil
}

// reused ends a family of which a refresh token has come twice.
func (p *Provider) reused(ctx context.Context, g granted) error {
	err := p.endGranted(ctx, g.ID, "reuse", audit.Entry{Actor: g.Subject, Session: g.Session, Action: "identity.oidc.reuse",
		Object: "app:" + g.App, Outcome: audit.Refused, Detail: told(map[string]any{"granted": g.ID})})
	return errors.Join(errors.New("the refresh token was used before"), err)
}

// rotate uses a refresh token up and gives the next.
func (p *Provider) rotate(ctx context.Context, r *refreshRequest, current string) (id, next string, until time.Time, err error) {
	now := p.now()
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update provider.refresh set used = $2 where hash = $1 and used is null`, digest(current), now)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errUsed
		}
		if next, err = addRefresh(ctx, tx, r.ID, now); err != nil {
			return err
		}
		return p.write(ctx, tx, r.App, audit.Entry{Actor: r.Subject, Session: r.Session, Action: "identity.oidc.refresh", Object: "app:" + r.App,
			Detail: told(map[string]any{"granted": r.ID})})
	})
	if errors.Is(err, errUsed) {
		return "", "", time.Time{}, oidc.ErrInvalidGrant().WithParent(p.reused(ctx, r.granted))
	}
	if err != nil {
		return "", "", time.Time{}, fmt.Errorf("renew a refresh token of %s: %w", r.App, err)
	}
	return tokenID(r.ID), next, now.Add(tokenFor), nil
}

// endGranted ends a family, with the entry that says why.
func (p *Provider) endGranted(ctx context.Context, id, why string, e audit.Entry) error {
	// It ends even when the asker has gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if id != "" {
			if _, err := tx.Exec(ctx, `update provider.granted set ended = $2, why = $3 where id = $1 and ended is null`, id, p.now(), why); err != nil {
				return err
			}
		}
		return p.write(ctx, tx, strings.TrimPrefix(e.Object, "app:"), e)
	})
	if err != nil {
		return fmt.Errorf("end what was granted: %w", err)
	}
	p.live.forget()
	return nil
}

// EndGrants ends all grants of a session that has ended; to be called at
// sign-out. (Without it they end within a second, because Live is asked.)
func (p *Provider) EndGrants(ctx context.Context, session, why string) error {
	if session == "" {
		return nil
	}
	_, err := p.pool.Exec(ctx, `update provider.granted set ended = $2, why = $3 where session = $1 and ended is null`, session, p.now(), why)
	if err != nil {
		return fmt.Errorf("end what the session was granted: %w", err)
	}
	p.live.forget()
	return nil
}
