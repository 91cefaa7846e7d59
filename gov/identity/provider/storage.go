package provider

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"onecity/gov/identity"
	"onecity/internal/audit"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// storage is what the protocol asks us; the rest of its methods is in
// request.go and granted.go.
type storage struct{ p *Provider }

var (
	_ op.Storage                        = (*storage)(nil)
	_ op.ClientCredentialsStorage       = (*storage)(nil)
	_ op.CanSetUserinfoFromRequest      = (*storage)(nil)
	_ op.CanGetPrivateClaimsFromRequest = (*storage)(nil)
	_ op.CanTerminateSessionFromRequest = (*storage)(nil)
)

type tokenKey struct{}

// GetClientByClientID finds an application. Where tokens are given, only one
// that is in use; where a browser is led, the refusal comes later, by way of
// the application's own address.
func (s *storage) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	a, err := s.p.app(ctx, s.p.pool, id, "")
	if errors.Is(err, identity.ErrNotFound) {
		return nil, oidc.ErrInvalidClient().WithDescription("there is no such application").WithParent(err)
	}
	if err != nil {
		return nil, oidc.ErrServerError().WithParent(err)
	}
	if ctx.Value(tokenKey{}) != nil && !usable(a.State) {
		return nil, oidc.ErrInvalidClient().WithDescription("the application is not in use: %s", a.State)
	}
	return client{app: a, signIn: s.p.o.SignIn}, nil
}

// AuthorizeClientIDSecret checks an application's secret.
func (s *storage) AuthorizeClientIDSecret(ctx context.Context, id, secret string) error {
	if _, err := s.GetClientByClientID(ctx, id); err != nil {
		return err
	}
	ok, err := s.p.knows(ctx, id, secret)
	if err != nil {
		return oidc.ErrServerError().WithParent(err)
	}
	if !ok {
		return errors.New("wrong secret")
	}
	return nil
}

// ClientCredentials is AuthorizeClientIDSecret for a service.
func (s *storage) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	if err := s.AuthorizeClientIDSecret(ctx, id, secret); err != nil {
		return nil, err
	}
	return s.GetClientByClientID(ctx, id)
}

// ClientCredentialsTokenRequest: without a scope a service gets all of its own.
func (s *storage) ClientCredentialsTokenRequest(ctx context.Context, id string, scopes []string) (op.TokenRequest, error) {
	a, err := s.p.app(ctx, s.p.pool, id, "")
	if err != nil {
		return nil, oidc.ErrServerError().WithParent(err)
	}
	scopes = slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s == "" })
	for _, scope := range scopes {
		if !slices.Contains(a.Scopes, scope) {
			return nil, oidc.ErrInvalidScope()
		}
	}
	if len(scopes) == 0 {
		scopes = a.Scopes
	}
	return &serviceRequest{app: id, scopes: scopes}, nil
}

// SetUserinfoFromScopes: see SetUserinfoFromRequest.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// SetUserinfoFromRequest completes an id token.
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, req op.IDTokenRequest, _ []string) error {
	info.Subject = req.GetSubject()
	info.AppendClaims("acr", acrOf(req.GetAMR()))
	if f, ok := req.(interface{ family() string }); ok {
		info.AppendClaims("sid", f.family())
	}
	return nil
}

// SetUserinfoFromToken is not asked: userinfo is served by ourselves.
func (s *storage) SetUserinfoFromToken(context.Context, *oidc.UserInfo, string, string, string) error {
	return ErrToken
}

// GetPrivateClaimsFromRequest completes an access token: what it was asked for,
// and nothing of what anybody may do.
func (s *storage) GetPrivateClaimsFromRequest(_ context.Context, req op.TokenRequest, _ []string) (map[string]any, error) {
	return map[string]any{"scope": strings.Join(req.GetScopes(), " ")}, nil
}

// GetPrivateClaimsFromScopes: see GetPrivateClaimsFromRequest.
func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

// SetIntrospectionFromToken answers an application about its own tokens.
func (s *storage) SetIntrospectionFromToken(ctx context.Context, out *oidc.IntrospectionResponse, jti, subject, asker string) error {
	g, err := s.p.alive(ctx, familyOf(jti))
	if err != nil {
		return err
	}
	if g.App != asker || g.Subject != subject {
		return ErrToken
	}
	out.Scope, out.ClientID, out.Subject, out.JWTID = g.Scopes, g.App, g.Subject, jti
	out.Issuer, out.TokenType, out.Audience = s.p.Issuer(), oidc.BearerToken, oidc.Audience{g.App}
	out.AuthTime, out.AuthenticationMethodsReferences = oidc.FromTime(g.AuthTime), g.AMR
	return nil
}

// GetRefreshTokenInfo tells refresh tokens from others, for revocation.
func (s *storage) GetRefreshTokenInfo(ctx context.Context, _ string, token string) (subject, id string, err error) {
	g, _, err := s.p.familyOfRefresh(ctx, token)
	return g.Subject, g.ID, err
}

// RevokeToken ends all that was given with the token (RFC 7009 §2.1).
func (s *storage) RevokeToken(ctx context.Context, token, _ string, app string) *oidc.Error {
	id := token // of a refresh token: the family
	if family := familyOf(token); family != "" {
		id = family
	}
	g, err := s.p.alive(ctx, id)
	if errors.Is(err, ErrToken) {
		return nil // what is not valid need not be revoked
	}
	if err != nil {
		return oidc.ErrServerError().WithParent(err)
	}
	if g.App != app {
		return oidc.ErrInvalidClient().WithDescription("the token was not given to this application")
	}
	err = s.p.endGranted(ctx, g.ID, "revoked", audit.Entry{Actor: g.Subject, Session: g.Session, Action: "identity.oidc.revoke",
		Object: "app:" + g.App, Detail: told(map[string]any{"granted": g.ID})})
	if err != nil {
		return oidc.ErrServerError().WithParent(err)
	}
	return nil
}

// TerminateSession: see TerminateSessionFromRequest.
func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

// TerminateSessionFromRequest signs a person out. Only an id token of ours,
// however old, does so: a mere link must not.
func (s *storage) TerminateSessionFromRequest(ctx context.Context, r *op.EndSessionRequest) (string, error) {
	p := s.p
	if r.IDTokenHintClaims == nil {
		return p.o.SignedOut, nil
	}
	var session, app string
	err := p.pool.QueryRow(ctx, `select session, app from provider.granted where id::text = $1 and subject = $2`, r.IDTokenHintClaims.SessionID, r.UserID).Scan(&session, &app)
	if err != nil { // forgotten long ago: there is nothing to end
		return r.RedirectURI, nil //nolint:nilerr // see above
	}
	if session == "" {
		return r.RedirectURI, nil
	}
	if err := p.EndGrants(ctx, session, "signed out"); err != nil {
		return "", fault(err)
	}
	if p.o.EndSession != nil {
		if err := p.o.EndSession(ctx, session); err != nil {
			return "", fault(err)
		}
	}
	err = p.endGranted(ctx, "", "", audit.Entry{Actor: r.UserID, Session: session, Action: "identity.oidc.signout", Object: "app:" + app})
	return r.RedirectURI, fault(err)
}

// SigningKey is the key that signs now.
func (s *storage) SigningKey(ctx context.Context) (op.SigningKey, error) {
	k, err := s.p.signer(ctx)
	return k, fault(err)
}

// SignatureAlgorithms of our tokens.
func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

// KeySet is what is published.
func (s *storage) KeySet(ctx context.Context) ([]op.Key, error) { return s.p.published(ctx) }

// GetKeyByIDAndClientID: no application signs assertions here.
func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errors.New("no application has keys here")
}

// ValidateJWTProfileScopes: as GetKeyByIDAndClientID.
func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errors.New("no application has keys here")
}

// Health asks the database.
func (s *storage) Health(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return s.p.pool.Ping(ctx)
}
