package signin

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"onecity/gov/identity"
	"onecity/internal/database"
	"onecity/internal/keyfile"
	"onecity/internal/watch"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options are what a Service needs beside the database.
type Options struct {
	// Audit writes an entry in the transaction of the change.
	Audit identity.Audit
	// KeyFile has the key (32 bytes) that TOTP secrets are encrypted under; it
	// is made, with mode 0600, when it is not there. All nodes on one database
	// need the same file.
	KeyFile string
	// Issuer is what an authenticator app shows: the city's name.
	Issuer string
	// RPID is the host that passkeys belong to ("city.example.cn"), Origins are
	// the pages that may use them ("https://city.example.cn"). Without RPID
	// there are no passkeys.
	RPID    string
	Origins []string
	// NoSecondFactor: no role needs a second factor, whatever the policy says
	// (a demo city).
	NoSecondFactor bool
	// Hashes run at once on this node (2), and Waiting (200) may wait for them;
	// a hash takes 19 MiB by default.
	Hashes  int
	Waiting int
	Log     *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Service signs people and programs in. It is safe for concurrent use. Without
// Run it works, but asks the database about every request.
type Service struct {
	pool     *pgxpool.Pool
	dir      *identity.Directory
	audit    identity.Audit
	log      *slog.Logger
	now      func() time.Time
	issuer   string
	no2      bool
	key      *keyfile.Key
	hasher   *hasher
	limits   *limits
	webauthn *webauthn.WebAuthn // nil: no passkeys
	policy   atomic.Pointer[Policy]
	sessions remembered
	tokens   cache[string, *pass] // of programs, by id
	watchers watch.List
}

// Open brings the tables up to date, reads the policy and the key. The
// directory's tables must be in the same database.
func Open(ctx context.Context, pool *pgxpool.Pool, dir *identity.Directory, o Options) (*Service, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations of sign-in: %w", err)
	}
	if err := database.Migrate(ctx, pool, "signin", files); err != nil {
		return nil, err
	}
	s := &Service{
		pool: pool, dir: dir, audit: o.Audit, log: o.Log, now: o.Now, issuer: o.Issuer, no2: o.NoSecondFactor,
		hasher: newHasher(positive(o.Hashes, 2), positive(o.Waiting, 200)),
		limits: newLimits(),
	}
	if s.audit == nil {
		return nil, errors.New("sign-in needs an audit log")
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.issuer == "" {
		s.issuer = "OneCity"
	}
	if s.key, err = keyfile.Open(o.KeyFile, "signin"); err != nil {
		return nil, err
	}
	if o.RPID != "" {
		s.webauthn, err = webauthn.New(&webauthn.Config{RPID: o.RPID, RPDisplayName: s.issuer, RPOrigins: o.Origins})
		if err != nil {
			return nil, fmt.Errorf("set passkeys up for %s: %w", o.RPID, err)
		}
	}
	if err := s.readPolicy(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}
