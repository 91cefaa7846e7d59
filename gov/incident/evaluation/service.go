package evaluation

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"onecity/geo"
	"onecity/internal/audit"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

const schema = "evaluation"

// Errors that a caller can tell apart.
var (
	ErrOutside = errors.New("不在可评价范围 / outside what may be evaluated")
	ErrRange   = errors.New("时间范围有误 / a wrong range of time")
)

// Options of a Service. Regions is needed.
type Options struct {
	// Regions is the tree as it now stands.
	Regions func() *geo.Regions
	// Names for what is evaluated; nil: codes stand for themselves.
	Names Names
	// Audit tells the log of a changed indicator, in the change's transaction.
	Audit func(ctx context.Context, tx pgx.Tx, e audit.Entry) error
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	Log *slog.Logger
}

// Names are what people call things; an empty answer means that there is none.
type Names interface {
	Org(ctx context.Context, path string) string
	Unit(ctx context.Context, id string) string
	// Subjects answers the names and posts 岗位 of people.
	Subjects(ctx context.Context, subjects []string) map[string]Person
	Class(ctx context.Context, code string) Words
}

// Person is somebody's name and post.
type Person struct{ Name, Post string }

// Service counts and evaluates.
type Service struct {
	pool *pgxpool.Pool
	o    Options
	log  *slog.Logger
}

// Open brings the tables up to date and puts in the standard's indicators where
// there are none. The tables of package incident must be there.
func Open(ctx context.Context, pool *pgxpool.Pool, o Options) (*Service, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open the evaluation: %w", err)
	}
	if err := database.Migrate(ctx, pool, schema, files); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Service{pool: pool, o: o, log: o.Log}
	if err := s.keepStandard(ctx); err != nil {
		return nil, fmt.Errorf("open the evaluation: %w", err)
	}
	return s, nil
}
