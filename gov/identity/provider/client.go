package provider

import (
	"net/url"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// tokenFor is how long access and id tokens are valid.
const tokenFor = 5 * time.Minute

// client is an application as the protocol sees it.
type client struct {
	app    App
	signIn string // path of our page
}

var _ op.Client = client{}

func (c client) GetID() string                    { return c.app.ID }
func (c client) RedirectURIs() []string           { return c.app.Redirects }
func (c client) PostLogoutRedirectURIs() []string { return c.app.Logouts }

func (c client) ApplicationType() op.ApplicationType {
	switch c.app.Kind {
	case Native:
		return op.ApplicationTypeNative
	case SPA:
		return op.ApplicationTypeUserAgent
	}
	return op.ApplicationTypeWeb
}

// AuthMethod: those with a secret may send it by Basic or in the form.
func (c client) AuthMethod() oidc.AuthMethod {
	if c.app.confidential() {
		return oidc.AuthMethodBasic
	}
	return oidc.AuthMethodNone
}

func (c client) ResponseTypes() []oidc.ResponseType {
	if c.app.Kind == Service {
		return nil
	}
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

func (c client) GrantTypes() []oidc.GrantType {
	out := make([]oidc.GrantType, len(c.app.Grants))
	for i, g := range c.app.Grants {
		out[i] = oidc.GrantType(g)
	}
	return out
}

func (c client) LoginURL(request string) string {
	name := c.app.ZH
	return c.signIn + "?" + url.Values{"request": {request}, "app": {name}}.Encode()
}

func (c client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }
func (c client) IDTokenLifetime() time.Duration      { return tokenFor }

// DevMode lets http addresses pass: those that are registered are on loopback
// (allowedAddress).
func (c client) DevMode() bool { return true }

func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string { return same }

func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return same }

func same(scopes []string) []string { return scopes }

// IsScopeAllowed is asked of scopes that the standard does not name.
func (c client) IsScopeAllowed(scope string) bool { return slices.Contains(c.app.Scopes, scope) }

// IDTokenUserinfoClaimsAssertion: what userinfo tells is told there only.
func (c client) IDTokenUserinfoClaimsAssertion() bool { return false }
func (c client) ClockSkew() time.Duration             { return 0 }
