package provider

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"onecity/gov/identity"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Mount is the path under which ServeHTTP answers.
const Mount = "/oidc/"

// Options are what a Provider needs beside the database.
type Options struct {
	// Base is where people reach the program: "https://city.example.cn",
	// without a slash at the end. The issuer is Base + "/oidc". Plain http is
	// taken for a loopback address only.
	Base string
	// KeyFile has the key (32 bytes) that signing keys are encrypted under; it
	// is made, with mode 0600, when it is not there. All nodes on one database
	// need the same file.
	KeyFile string
	// Audit writes an entry in the transaction of the change; required.
	Audit identity.Audit
	// Live tells whether a session of ours goes on; nil: sessions are not asked.
	Live func(ctx context.Context, session string) (bool, error)
	// EndSession ends a session of ours when an application signs the person
	// out; nil: only the applications' grants end.
	EndSession func(ctx context.Context, session string) error
	// From is the address of who sends a request, for the log; nil: the
	// connection's.
	From func(*http.Request) string
	// SignIn is the path of the sign-in page ("/sign-in"), SignedOut that of
	// the page after a logout that names none ("/sign-in").
	SignIn, SignedOut string
	// RefreshFor is how long a chain of refresh tokens lasts at most (30 days),
	// KeyFor how long a key signs (30 days), SecretFor how long an
	// application's old secret is taken beside a new one (7 days).
	RefreshFor, KeyFor, SecretFor time.Duration
	Log                           *slog.Logger     // nil: slog.Default
	Now                           func() time.Time // nil: time.Now
}

// Provider is the OpenID provider and the directory of applications on one
// database. It is safe for concurrent use. Without Run it works, but old
// records and keys stay.
type Provider struct {
	pool *pgxpool.Pool
	flow *flow.Engine
	o    Options
	log  *slog.Logger
	now  func() time.Time
}

var errSoon = errors.New("the provider is being built")

// Open brings the tables up to date, reads or makes the signing keys, and is
// ready to serve. The engine must have been made with Machine; the directory's
// tables must be in the same database.
func Open(ctx context.Context, pool *pgxpool.Pool, engine *flow.Engine, o Options) (*Provider, error) {
	return nil, errSoon
}

// Run renews keys, forgets what is over and follows what other nodes change,
// until ctx ends.
func (p *Provider) Run(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// Issuer is the provider's name in tokens and the address of its discovery
// document.
func (p *Provider) Issuer() string { return p.o.Base + "/oidc" }

// ServeHTTP answers the protocol's requests; it is mounted at Mount, with the
// path as it came.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

// AuthRequest is what the sign-in page has to know; ErrNoRequest when there is
// no such request.
func (p *Provider) AuthRequest(ctx context.Context, id string) (Request, error) {
	return Request{}, errSoon
}

// Approve answers a request: this person is signed in, in this session of
// ours, since authTime, in the ways amr (RFC 8176: Password, OTP, Passkey;
// Multi when it was with a second factor). The answer is where the browser
// goes: back to the application, with a code, or with an OAuth error where the
// person may not use it. ErrAgain when another sign-in is needed; the request
// stays open.
func (p *Provider) Approve(ctx context.Context, id, subject, session string, authTime time.Time, amr []string) (redirectURL string, err error) {
	return "", errSoon
}

// Deny answers a request with no.
func (p *Provider) Deny(ctx context.Context, id string, why Denial) (redirectURL string, err error) {
	return "", errSoon
}

// Verify tells whose access token this is, for our own API: ErrToken, or
// ErrScope when it was not given for that.
func (p *Provider) Verify(ctx context.Context, bearer string) (subject string, err error) {
	a, err := p.Token(ctx, bearer)
	return a.Subject, err
}

// Token is Verify with all that is known of the token.
func (p *Provider) Token(ctx context.Context, bearer string) (Access, error) {
	return Access{}, errSoon
}

// EndGrants ends all grants of a session that has ended; to be called at
// sign-out. (Without it they end within a second, because Live is asked.)
func (p *Provider) EndGrants(ctx context.Context, session, why string) error { return errSoon }

func acrOf(amr []string) string {
	if slices.Contains(amr, Multi) {
		return TwoFactors
	}
	return OneFactor
}

// Apps lists the applications that by may view, by id.
func (p *Provider) Apps(ctx context.Context, by identity.By, f AppFilter) ([]App, error) {
	return nil, errSoon
}

// App finds one application that by may view; identity.ErrNotFound.
func (p *Provider) App(ctx context.Context, by identity.By, id string) (App, error) {
	return App{}, errSoon
}

// AddApp drafts an application and begins its onboarding. State, Secrets, Test
// and Version are the provider's. It answers with the first secret, shown once;
// empty for a kind without one. *identity.FieldError says what is wrong.
func (p *Provider) AddApp(ctx context.Context, by identity.By, a App) (out App, secret string, err error) {
	return App{}, "", errSoon
}

// EditApp changes an application; Version must be the one that was read. Only
// a draft or rejected one can be changed in all; of others the names and the
// contact (else *identity.FieldError, code "state"). A change of what was
// tested makes a new test necessary.
func (p *Provider) EditApp(ctx context.Context, by identity.By, a App) (App, error) {
	return App{}, errSoon
}

// NewSecret gives an application a new secret, shown once. The one before is
// taken for Options.SecretFor more, or no longer at all when cut is set.
func (p *Provider) NewSecret(ctx context.Context, by identity.By, id string, cut bool) (secret string, err error) {
	return "", errSoon
}

// Actor is by as an actor of the flow engine.
func Actor(by identity.By) flow.Actor { return flow.Actor{Subject: by.Subject} }

// Machine is the onboarding of applications, "identity.app", for flow.Options.
func Machine() *flow.Machine { return &flow.Machine{Name: "identity.app"} }
