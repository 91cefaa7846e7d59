package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	requestFor = 15 * time.Minute // a person has so long to sign in
	codeFor    = time.Minute      // an application has so long to fetch its tokens
	// requestKept is how long an answered request is remembered, so that a code
	// that comes again is known.
	requestKept = 24 * time.Hour

	maxParameter = 2000 // bytes of state, nonce, a hint
)

// authRequest is a sign-in under way, as the protocol sees it.
type authRequest struct {
	Request
	redirect, state, nonce, challenge string
	made                              time.Time
	answered, used                    *time.Time
	codeUntil                         time.Time
	subject, session                  string
	authTime                          time.Time
	amr                               []string
	granted                           string // set when tokens are made
}

var _ op.AuthRequest = (*authRequest)(nil)

func (r *authRequest) GetID() string                      { return r.ID }
func (r *authRequest) GetACR() string                     { return acrOf(r.amr) }
func (r *authRequest) GetAMR() []string                   { return r.amr }
func (r *authRequest) GetAudience() []string              { return []string{r.App} }
func (r *authRequest) GetAuthTime() time.Time             { return r.authTime }
func (r *authRequest) GetClientID() string                { return r.App }
func (r *authRequest) GetNonce() string                   { return r.nonce }
func (r *authRequest) GetRedirectURI() string             { return r.redirect }
func (r *authRequest) GetScopes() []string                { return r.Scopes }
func (r *authRequest) GetState() string                   { return r.state }
func (r *authRequest) GetSubject() string                 { return r.subject }
func (r *authRequest) Done() bool                         { return r.answered != nil && r.subject != "" }
func (r *authRequest) family() string                     { return r.granted }
func (r *authRequest) GetResponseMode() oidc.ResponseMode { return oidc.ResponseModeQuery }
func (r *authRequest) GetResponseType() oidc.ResponseType { return oidc.ResponseTypeCode }

func (r *authRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.challenge, Method: oidc.CodeChallengeMethodS256}
}

// CreateAuthRequest keeps what an application asks for; client, redirect
// address and scopes have been checked by the protocol.
func (s *storage) CreateAuthRequest(ctx context.Context, r *oidc.AuthRequest, hinted string) (op.AuthRequest, error) {
	p := s.p
	a, err := p.app(ctx, p.pool, r.ClientID, "")
	if err != nil {
		return nil, fault(err)
	}
	if err := refusal(a, r); err != nil {
		return nil, err
	}
	now := p.now()
	q := &authRequest{redirect: r.RedirectURI, state: r.State, nonce: r.Nonce, challenge: r.CodeChallenge, made: now}
	q.ID, q.App, q.Login, q.Subject, q.Until = random(), a.ID, r.LoginHint, hinted, now.Add(requestFor)
	for _, scope := range r.Scopes {
		if slices.Contains(a.Scopes, scope) && !slices.Contains(q.Scopes, scope) {
			q.Scopes = append(q.Scopes, scope)
		}
	}
	q.Silent = slices.Contains(r.Prompt, oidc.PromptNone)
	q.Strong = slices.Contains(r.ACRValues, TwoFactors) && !slices.Contains(r.ACRValues, OneFactor)
	var notBefore *time.Time
	if r.MaxAge != nil { // prompt=login is a max_age of 0
		// To the second, as auth_time is told.
		t := now.Add(-time.Duration(min(*r.MaxAge, 1<<31)) * time.Second).Truncate(time.Second)
		notBefore = &t
	}
	_, err = p.pool.Exec(ctx, `insert into provider.request (id, app, redirect, state, nonce, scopes, challenge, silent, not_before, strong, wanted, login, made, until)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		q.ID, q.App, q.redirect, q.state, q.nonce, q.Scopes, q.challenge, q.Silent, notBefore, q.Strong, q.Subject, q.Login, now, q.Until)
	if err != nil {
		return nil, fault(fmt.Errorf("keep a sign-in request of %s: %w", q.App, err))
	}
	return q, nil
}

// refusal is what the protocol's own checks let pass and we do not.
func refusal(a App, r *oidc.AuthRequest) error {
	if !allowedAddress(r.RedirectURI, a.Kind) { // a native application's loopback address with more than another port
		return oidc.ErrInvalidRequestRedirectURI().WithDescription("the redirect_uri is not allowed")
	}
	if !usable(a.State) {
		return oidc.ErrUnauthorizedClient().WithDescription("the application is not in use: %s", a.State)
	}
	if r.CodeChallenge == "" || r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return oidc.ErrInvalidRequest().WithDescription("PKCE is required: code_challenge with code_challenge_method S256")
	}
	if n := len(r.CodeChallenge); n != 43 {
		return oidc.ErrInvalidRequest().WithDescription("an S256 code_challenge has 43 characters")
	}
	if r.ResponseMode != "" && r.ResponseMode != oidc.ResponseModeQuery {
		return oidc.ErrInvalidRequest().WithDescription("the response_mode is query")
	}
	if !slices.Contains(r.Scopes, oidc.ScopeOpenID) {
		return oidc.ErrInvalidScope().WithDescription("the scope openid is required")
	}
	for _, text := range []string{r.State, r.Nonce, r.LoginHint, r.CodeChallenge} {
		if len(text) > maxParameter || badText(text, maxParameter) {
			return oidc.ErrInvalidRequest().WithDescription("a parameter is too long or holds control characters")
		}
	}
	return nil
}

const requestColumns = `r.id, r.app, a.zh, a.en, o.name, a.state, r.scopes, r.login, r.silent, coalesce(r.not_before, '-infinity'::timestamptz) = '-infinity', r.not_before,
	r.strong, r.wanted, r.until, r.redirect, r.state, r.nonce, r.challenge, r.made, r.answered, r.used, r.code_until,
	coalesce(r.subject, ''), coalesce(r.session, ''), r.auth_time, r.amr, coalesce(r.granted::text, '')
	from provider.request r join provider.app a on a.id = r.app join identity.org o on o.id = a.org`

// request finds one; ErrNoRequest.
func (p *Provider) request(ctx context.Context, q querier, where string, arg any) (*authRequest, error) {
	rows, err := q.Query(ctx, `select `+requestColumns+` where `+where, arg)
	if err != nil {
		return nil, fmt.Errorf("find a sign-in request: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (*authRequest, error) {
		r := &authRequest{}
		var none bool
		var after, codeUntil, authTime *time.Time
		err := row.Scan(&r.ID, &r.App, &r.ZH, &r.EN, &r.Org, &r.State, &r.Scopes, &r.Login, &r.Silent, &none, &after,
			&r.Strong, &r.Subject, &r.Until, &r.redirect, &r.state, &r.nonce, &r.challenge, &r.made, &r.answered, &r.used, &codeUntil,
			&r.subject, &r.session, &authTime, &r.amr, &r.granted)
		r.After, r.codeUntil, r.authTime = orZero(after), orZero(codeUntil), orZero(authTime)
		return r, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNoRequest
	}
	if err != nil {
		return nil, fmt.Errorf("find a sign-in request: %w", err)
	}
	return r, nil
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// open finds a request that waits for its answer.
func (p *Provider) open(ctx context.Context, q querier, id, lock string) (*authRequest, error) {
	if len(id) > 100 || badText(id, 100) {
		return nil, ErrNoRequest
	}
	r, err := p.request(ctx, q, `r.id = $1 `+lock, id)
	if err != nil {
		return nil, err
	}
	if r.answered != nil || !p.now().Before(r.Until) {
		return nil, ErrNoRequest
	}
	return r, nil
}

// AuthRequest is what the sign-in page has to know; ErrNoRequest when there is
// no such request.
func (p *Provider) AuthRequest(ctx context.Context, id string) (Request, error) {
	r, err := p.open(ctx, p.pool, id, "")
	if err != nil {
		return Request{}, err
	}
	return r.Request, nil
}

// AuthRequestByID belongs to the protocol's own callback, which is not served:
// the code is in Approve's answer only.
func (s *storage) AuthRequestByID(context.Context, string) (op.AuthRequest, error) {
	return nil, ErrNoRequest
}

// SaveAuthCode: as AuthRequestByID.
func (s *storage) SaveAuthCode(context.Context, string, string) error { return ErrNoRequest }

// DeleteAuthRequest keeps it: a code that comes again must be known.
func (s *storage) DeleteAuthRequest(context.Context, string) error { return nil }

// AuthRequestByCode finds what a code stands for. A code that was used before
// ends what it was exchanged for.
func (s *storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	p := s.p
	r, err := p.request(ctx, p.pool, `r.code = $1`, digest(code))
	if err != nil {
		return nil, err
	}
	if r.used != nil {
		return nil, p.replayed(ctx, r)
	}
	if !p.now().Before(r.codeUntil) {
		return nil, errors.New("the code is over")
	}
	return r, nil
}

// replayed ends the tokens of a code that has come twice (RFC 6749 §4.1.2).
func (p *Provider) replayed(ctx context.Context, r *authRequest) error {
	err := p.endGranted(ctx, r.granted, "replay", audit.Entry{Actor: r.subject, Session: r.session, Action: "identity.oidc.replay",
		Object: "app:" + r.App, Outcome: audit.Refused, Detail: told(map[string]any{"granted": r.granted})})
	return errors.Join(errors.New("the code was used before"), err)
}
