package provider

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"onecity/gov/identity"
	"onecity/internal/audit"

	oidcclient "github.com/coreos/go-oidc/v3/oidc"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/oauth2"
)

const (
	upstreamFor  = 15 * time.Minute // a person has so long to sign in there
	upstreamWait = 10 * time.Second // it has so long to answer
)

// UpstreamOptions say at which other OpenID provider people sign in.
type UpstreamOptions struct {
	Issuer   string
	ClientID string
	Secret   string   // empty: a public client
	Redirect string   // our address that it sends people back to
	Scopes   []string // beside openid; nil: profile
	// Claim holds the login; empty: preferred_username.
	Claim string
	// Find is the person of a login, who must be active: Directory.ByLogin.
	Find  func(ctx context.Context, login string) (identity.Person, error)
	Audit identity.Audit // required
	// Client asks the upstream provider; nil: one that trusts the system's
	// certificates and gives up after 10 seconds.
	Client *http.Client
	Now    func() time.Time // nil: time.Now
}

// Upstream is the sign-in through another OpenID provider.
type Upstream struct {
	pool *pgxpool.Pool
	o    UpstreamOptions

	mu       sync.Mutex
	provider *oidcclient.Provider // nil until it was asked
}

// Arrived is somebody who has signed in upstream.
type Arrived struct {
	Person identity.Person
	Claims map[string]any // of the id token
	AMR    []string
	Next   string // as given to Start
}

// NewUpstream prepares it; the upstream provider is asked when it is first
// needed. The provider's tables must be there (Open).
func NewUpstream(pool *pgxpool.Pool, o UpstreamOptions) *Upstream {
	o.Claim = cmp.Or(o.Claim, "preferred_username")
	o.Client = cmp.Or(o.Client, &http.Client{Timeout: upstreamWait})
	if o.Scopes == nil {
		o.Scopes = []string{"profile"}
	}
	o.Scopes = append([]string{oidcclient.ScopeOpenID}, o.Scopes...)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Upstream{pool: pool, o: o}
}

// ask is the upstream provider, found by its discovery document.
func (u *Upstream) ask(ctx context.Context) (*oidcclient.Provider, *oauth2.Config, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.provider == nil {
		found, err := oidcclient.NewProvider(oidcclient.ClientContext(ctx, u.o.Client), u.o.Issuer)
		if err != nil {
			return nil, nil, fmt.Errorf("ask the upstream provider %s: %w", u.o.Issuer, err)
		}
		u.provider = found
	}
	return u.provider, &oauth2.Config{ClientID: u.o.ClientID, ClientSecret: u.o.Secret, RedirectURL: u.o.Redirect,
		Endpoint: u.provider.Endpoint(), Scopes: u.o.Scopes}, nil
}

// Start begins a sign-in: url is where the browser goes, bind is what it must
// keep in a cookie and bring back to Finish, so that nobody is signed in by
// somebody else's link. next comes back from Finish. The verifier (PKCE) and
// the nonce stay here.
func (u *Upstream) Start(ctx context.Context, next string) (url, bind string, err error) {
	_, config, err := u.ask(ctx)
	if err != nil {
		return "", "", err
	}
	state, nonce, verifier := random(), random(), oauth2.GenerateVerifier()
	bind = random()
	_, err = u.pool.Exec(ctx, `insert into provider.upstream (state, bind, verifier, nonce, next, until) values ($1, $2, $3, $4, $5, $6)`,
		digest(state), digest(bind), verifier, nonce, next, u.o.Now().Add(upstreamFor))
	if err != nil {
		return "", "", fmt.Errorf("keep an upstream sign-in: %w", err)
	}
	return config.AuthCodeURL(state, oidcclient.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), bind, nil
}

// Finish takes what the upstream provider sent the browser back with. It serves
// once. Errors are ErrUpstream, those of Find, or the database's.
func (u *Upstream) Finish(ctx context.Context, bind, code, state string) (Arrived, error) {
	a, err := u.finish(ctx, bind, code, state)
	e := audit.Entry{Actor: "nobody", From: fromOf(ctx), Action: "identity.oidc.upstream", Object: "upstream:" + u.o.Issuer, Outcome: audit.Done}
	if err != nil {
		e.Outcome, e.Detail = audit.Refused, told(map[string]any{"reason": err.Error()})
	} else {
		e.Actor, e.Detail = a.Person.Subject(), told(map[string]any{"amr": a.AMR})
	}
	if log := pgx.BeginFunc(ctx, u.pool, func(tx pgx.Tx) error { return u.o.Audit(ctx, tx, e) }); log != nil {
		return Arrived{}, errors.Join(err, fmt.Errorf("log an upstream sign-in: %w", log))
	}
	return a, err
}

func (u *Upstream) finish(ctx context.Context, bind, code, state string) (Arrived, error) {
	var bound []byte
	var verifier, nonce, next string
	err := u.pool.QueryRow(ctx, `delete from provider.upstream where state = $1 and until > $2 returning bind, verifier, nonce, next`,
		digest(state), u.o.Now()).Scan(&bound, &verifier, &nonce, &next)
	if errors.Is(err, pgx.ErrNoRows) {
		return Arrived{}, fmt.Errorf("%w: this state is unknown, over or was used", ErrUpstream)
	}
	if err != nil {
		return Arrived{}, fmt.Errorf("find an upstream sign-in: %w", err)
	}
	if subtle.ConstantTimeCompare(bound, digest(bind)) != 1 {
		return Arrived{}, fmt.Errorf("%w: it was begun in another browser", ErrUpstream)
	}
	claims, err := u.fetch(ctx, code, verifier, nonce)
	if err != nil {
		return Arrived{}, fmt.Errorf("%w: %w", ErrUpstream, err)
	}
	login, ok := claims[u.o.Claim].(string)
	if !ok || login == "" {
		return Arrived{}, fmt.Errorf("%w: it does not tell the claim %s", ErrUpstream, u.o.Claim)
	}
	person, err := u.o.Find(ctx, login)
	if err != nil {
		return Arrived{}, fmt.Errorf("find who %q is: %w", login, err)
	}
	if person.State != "active" {
		return Arrived{}, fmt.Errorf("%w: %s is %s", ErrUpstream, login, person.State)
	}
	return Arrived{Person: person, Claims: claims, AMR: texts(claims["amr"]), Next: next}, nil
}

// fetch exchanges the code and checks the id token; what the id token does not
// tell, userinfo does.
func (u *Upstream) fetch(ctx context.Context, code, verifier, nonce string) (map[string]any, error) {
	found, config, err := u.ask(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidcclient.ClientContext(ctx, u.o.Client)
	tokens, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return nil, fmt.Errorf("exchange its code: %w", err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, errors.New("it gave no id token")
	}
	id, err := found.VerifierContext(ctx, &oidcclient.Config{ClientID: u.o.ClientID, Now: u.o.Now}).Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("check its id token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return nil, errors.New("its id token has another nonce")
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return nil, fmt.Errorf("read its id token: %w", err)
	}
	if _, ok := claims[u.o.Claim]; ok {
		return claims, nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, fmt.Errorf("ask its userinfo: %w", err)
	}
	if info.Subject != id.Subject {
		return nil, errors.New("its userinfo is another person's")
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return nil, fmt.Errorf("read its userinfo: %w", err)
	}
	for k, v := range more {
		if _, ok := claims[k]; !ok {
			claims[k] = v
		}
	}
	return claims, nil
}

// texts are those in a list of a claim.
func texts(v any) []string {
	list, ok := v.([]any)
	if !ok {
		return []string{}
	}
	out := []string{}
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return slices.Clip(out)
}
