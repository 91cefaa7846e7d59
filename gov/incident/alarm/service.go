package alarm

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"onecity/internal/audit"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// By is who does something, from where, why, and in which regions they may.
type By struct {
	Subject string // "person:…", "app:…"; "system"
	From    string
	Session string
	Why     string
	// May reports whether the right over alarm rules reaches a region.
	May func(region string) bool
}

// System is the program itself.
func System(why string) By {
	return By{Subject: "system", Why: why, May: func(string) bool { return true }}
}

// ServiceOptions of Open; Audit, Names and Register are needed.
type ServiceOptions struct {
	// Audit writes an entry in the transaction of the change; audit.Log has it.
	Audit    func(ctx context.Context, tx pgx.Tx, e audit.Entry) error
	Names    Names
	Register Register
	// Past is what was recorded; nil: rules cannot be tried.
	Past Past
	// Location is the city's time zone; nil is UTC.
	Location func() *time.Location
	Now      func() time.Time // nil: time.Now
	Log      *slog.Logger     // nil: slog.Default
}

// Register is the devices and units as they stand.
type Register interface{ All() Registered }

// Service keeps the rules of a city. It is safe for concurrent use; Run lets
// them open incidents.
type Service struct {
	pool   *pgxpool.Pool
	opt    ServiceOptions
	dirty  atomic.Bool // the rules have changed since the engine got them
	counts atomic.Pointer[map[string]count]
	trying chan struct{} // holds a token while a rule is tried
}

// count is what the engine tells of a rule.
type count struct{ targets, alarming int }

// Open brings the tables up to date.
func Open(ctx context.Context, pool *pgxpool.Pool, o ServiceOptions) (*Service, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations of the alarm rules: %w", err)
	}
	if err := database.Migrate(ctx, pool, "alarm", files); err != nil {
		return nil, err
	}
	if o.Location == nil {
		o.Location = func() *time.Location { return time.UTC }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Service{pool: pool, opt: o, trying: make(chan struct{}, 1)}, nil
}

// Names are the names that the rules are checked against.
func (s *Service) Names() Names { return s.opt.Names }
