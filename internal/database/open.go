package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// ErrAhead: the tables were made by a newer program.
var ErrAhead = errors.New("the database was made by a newer program")

// Open connects to a database; dsn is a URL or libpq keywords, name is what
// the server's list of sessions shows. The session's time zone is UTC.
func Open(ctx context.Context, dsn, name string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open the database of %s: %w", name, err)
	}
	cfg.MaxConns = max(cfg.MaxConns, 16)
	cfg.ConnConfig.RuntimeParams["application_name"] = name
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database of %s: %w", name, err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the database of %s: %w", name, err)
	}
	return pool, nil
}

// Migrate brings a module's tables up to date with the *.sql files at the top
// of files (goose's form). Several programs may do so at once: an advisory lock
// keeps them apart. ErrAhead when the tables are newer than the files.
func Migrate(ctx context.Context, pool *pgxpool.Pool, module string, files fs.FS) error {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return fmt.Errorf("migrate %s: make the lock: %w", module, err)
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithTableName(module+"_migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate %s: read the migrations: %w", module, err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", module, err)
	}
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("migrate %s: ask for the version: %w", module, err)
	}
	if newest := p.ListSources(); version > newest[len(newest)-1].Version {
		return fmt.Errorf("migrate %s: %w: its tables are of version %d", module, ErrAhead, version)
	}
	return nil
}
