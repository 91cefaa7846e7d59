package exchange

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"onecity/gov/incident"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/keyfile"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Cases is what a partner's word does to cases.
type Cases interface {
	// Case is the case as it stands; ErrNotFound when there is none.
	Case(ctx context.Context, id string) (incident.Case, error)
	// ComeBack ends a case that the partner was handed (incident.ComeBack), with
	// the partner as the actor. end.ID makes it once however often it is said.
	ComeBack(ctx context.Context, p Partner, end End) error
}

// End is a partner's word that it is done with a case it was handed.
type End struct {
	ID     string    `json:"-"` // the partner's for the message
	Case   string    `json:"-"`
	Result string    `json:"result"`
	Photos []string  `json:"photos,omitempty"` // URLs, which are noted and not fetched
	At     time.Time `json:"at,omitzero"`
}

// Report takes a partner's report to the gate; the same report has the same ID.
// An ErrEvent says that it cannot be taken as it is.
type Report func(ctx context.Context, p Partner, r incident.Report) error

// Options of a Service.
type Options struct {
	// Audit writes an entry in the transaction of the change; required.
	Audit func(ctx context.Context, tx pgx.Tx, e audit.Entry) error
	// KeyFile has the key that secrets are sealed under; it is made, with mode
	// 0600, when it is not there. All nodes on one database need the same file.
	KeyFile string
	// Source names this server in CloudEvents: "https://city.example.cn".
	Source string
	// Loopback lets partners be on this machine, for a trial.
	Loopback bool
	// SecretFor is how long an old secret is good beside a new one (24 h),
	// Timeout how long an attempt lasts at most (10 s), Keep how long a delivery
	// that was sent is kept (30 days).
	SecretFor, Timeout, Keep time.Duration
	Now                      func() time.Time // nil: time.Now
	Log                      *slog.Logger     // nil: slog.Default
}

// Service keeps the partners and sends to them. It is safe for concurrent use.
type Service struct {
	pool   *pgxpool.Pool
	o      Options
	cases  Cases
	report Report
	seal   *keyfile.Key
	client *http.Client
	known  roster
	wake   chan struct{} // something may be due
}

// Open brings the tables up to date and reads the partners.
func Open(ctx context.Context, pool *pgxpool.Pool, o Options) (*Service, error) {
	if o.Audit == nil {
		return nil, fmt.Errorf("open the exchange: Options.Audit is missing")
	}
	o.SecretFor = orElse(o.SecretFor, 24*time.Hour)
	o.Timeout = orElse(o.Timeout, 10*time.Second)
	o.Keep = orElse(o.Keep, 30*24*time.Hour)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open the exchange: %w", err)
	}
	if err := database.Migrate(ctx, pool, "exchange", files); err != nil {
		return nil, err
	}
	seal, err := keyfile.Open(o.KeyFile, "exchange")
	if err != nil {
		return nil, err
	}
	s := &Service{pool: pool, o: o, seal: seal, client: newClient(o.Timeout, o.Loopback), wake: make(chan struct{}, 1)}
	return s, s.reload(ctx)
}

// Join gives the service what a partner's word goes to, before it is used; where
// one is nil, such words are refused.
func (s *Service) Join(cases Cases, report Report) { s.cases, s.report = cases, report }

func orElse(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// now is the time as the database keeps it.
func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Microsecond) }
