package provider

import (
	"context"

	"onecity/gov/identity"

	"github.com/jackc/pgx/v5/pgxpool"
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
	Audit identity.Audit
}

// Upstream is the sign-in through another OpenID provider.
type Upstream struct {
	pool *pgxpool.Pool
	o    UpstreamOptions
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
func NewUpstream(pool *pgxpool.Pool, o UpstreamOptions) *Upstream { return &Upstream{pool: pool, o: o} }

// Start begins a sign-in: url is where the browser goes, bind is what it must
// keep in a cookie and bring back to Finish, so that nobody is signed in by
// somebody else's link. next comes back from Finish.
func (u *Upstream) Start(ctx context.Context, next string) (url, bind string, err error) {
	return "", "", errSoon
}

// Finish takes what the upstream provider sent the browser back with. It serves
// once. Errors are ErrUpstream or those of Find.
func (u *Upstream) Finish(ctx context.Context, bind, code, state string) (Arrived, error) {
	return Arrived{}, errSoon
}
