package history

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"onecity/internal/database"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// ErrAhead: the database was made by a newer program.
var ErrAhead = errors.New("the database was made by a newer program")

//go:embed migrations/*.sql
var migrations embed.FS

// Options of a Store; the zero value works.
type Options struct {
	// Retention says for how long each table is kept; nil means Keep.
	Retention Retention
	// Log gets what went wrong and was tried again; nil means slog.Default().
	Log *slog.Logger
}

// Store is the history's database. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	wall *database.Wall
	keep Retention
	log  *slog.Logger
}

// Open connects to the database and brings its tables up to date; several
// programs may do so at once. dsn is a URL or libpq keywords; PostgreSQL 15
// to 18.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	cfg.MaxConns = max(cfg.MaxConns, 8)
	cfg.ConnConfig.RuntimeParams["application_name"] = "onecity history"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	s := &Store{pool: pool, keep: o.Retention, log: o.Log}
	if s.keep == nil {
		s.keep = Keep()
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if err := s.migrate(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open history: %w", err)
	}
	if err := database.Guard(ctx, pool, guarded()...); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open history: %w", err)
	}
	if s.wall, err = database.WallOf(ctx, pool); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open history: %w", err)
	}
	return s, nil
}

// migrate runs what is new of the migrations.
func (s *Store) migrate(ctx context.Context) error {
	return s.migrations(func(p *goose.Provider) error {
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("bring the tables up to date: %w", err)
		}
		version, err := p.GetDBVersion(ctx)
		if err != nil {
			return fmt.Errorf("ask for the tables' version: %w", err)
		}
		if newest := p.ListSources(); version > newest[len(newest)-1].Version {
			return fmt.Errorf("%w: its tables are of version %d", ErrAhead, version)
		}
		return nil
	})
}

// migrations hands fn what runs the migrations, under an advisory lock.
func (s *Store) migrations(fn func(*goose.Provider) error) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return fmt.Errorf("make the migrations' lock: %w", err)
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithTableName("history_migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	return fn(p)
}

// Close ends the connections; a Recorder must have ended before.
func (s *Store) Close() { s.pool.Close() }

// Ping fails while the database does not answer.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// Position is how far the record is: the epoch of the stream, the position of
// the last recorded event and when the stream took it. All are zero before the
// first.
func (s *Store) Position(ctx context.Context) (epoch string, seq uint64, at time.Time, err error) {
	p, err := readPosition(ctx, s.pool)
	return p.epoch, p.seq, p.at, err
}
