package warning

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of a Service.
type Options struct {
	// Audit writes an entry in the transaction of the change; required.
	Audit func(ctx context.Context, tx pgx.Tx, e audit.Entry) error
	// Base is where people reach the server ("https://city.example.cn"), Authority
	// the host's name that CAP's sender is made of ("city.example.cn").
	Base, Authority string
	// Sender names the office where a warning says nothing else.
	Sender string
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger     // nil: slog.Default
}

// Service keeps the warnings. It is made before the engine, whose machine it
// gives; Use joins the two.
type Service struct {
	pool *pgxpool.Pool
	flow *flow.Engine
	o    Options
}

// Open brings the tables up to date.
func Open(ctx context.Context, pool *pgxpool.Pool, o Options) (*Service, error) {
	if o.Audit == nil {
		return nil, errors.New("open the warnings: Options.Audit is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Authority == "" {
		o.Authority = "onecity.invalid"
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open the warnings: %w", err)
	}
	if err := database.Migrate(ctx, pool, "warning", files); err != nil {
		return nil, err
	}
	return &Service{pool: pool, o: o}, nil
}

// Use gives the service the engine that runs its Machine.
func (s *Service) Use(e *flow.Engine) { s.flow = e }

// now is the time as the database keeps it.
func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Microsecond) }
