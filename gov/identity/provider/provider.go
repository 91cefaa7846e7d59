package provider

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"onecity/gov/identity"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/keyfile"
	"onecity/internal/watch"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/zitadel/oidc/v3/pkg/op"
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
	pool     *pgxpool.Pool
	flow     *flow.Engine
	o        Options
	log      *slog.Logger
	now      func() time.Time
	seal     *keyfile.Key
	keys     keyring
	live     lives
	signed   signatures
	watchers watch.List
	op       *op.Provider
	handler  http.Handler
}

// Open brings the tables up to date, reads or makes the signing keys, and is
// ready to serve. The engine must have been made with Machine; the directory's
// tables must be in the same database.
func Open(ctx context.Context, pool *pgxpool.Pool, engine *flow.Engine, o Options) (*Provider, error) {
	if o.Audit == nil {
		return nil, errors.New("the provider needs an audit log")
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations of the provider: %w", err)
	}
	if err := database.Migrate(ctx, pool, "provider", files); err != nil {
		return nil, err
	}
	if _, err := engine.Machine(machineName); err != nil {
		return nil, fmt.Errorf("open the provider: %w", err)
	}
	o.SignIn, o.SignedOut = cmp.Or(o.SignIn, "/sign-in"), cmp.Or(o.SignedOut, "/sign-in")
	o.RefreshFor, o.KeyFor, o.SecretFor = cmp.Or(o.RefreshFor, 30*day), cmp.Or(o.KeyFor, 30*day), cmp.Or(o.SecretFor, 7*day)
	o.Log = cmp.Or(o.Log, slog.Default())
	if o.Now == nil {
		o.Now = time.Now
	}
	// As exact as PostgreSQL keeps it.
	now := func() time.Time { return o.Now().Truncate(time.Microsecond) }
	p := &Provider{pool: pool, flow: engine, o: o, log: o.Log, now: now}
	if p.seal, err = keyfile.Open(o.KeyFile, "provider"); err != nil {
		return nil, err
	}
	if _, err := p.signer(ctx); err != nil {
		return nil, err
	}
	if p.op, err = newOP(p); err != nil {
		return nil, fmt.Errorf("open the provider: %w", err)
	}
	p.handler = p.routes()
	return p, nil
}

const day = 24 * time.Hour

// Issuer is the provider's name in tokens and the address of its discovery
// document.
func (p *Provider) Issuer() string { return p.o.Base + "/oidc" }

func acrOf(amr []string) string {
	if slices.Contains(amr, Multi) {
		return TwoFactors
	}
	return OneFactor
}
