package flow

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"onecity/internal/database"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schema holds the kernel's tables and river's.
const schema = "flow"

// migrating keeps two programs from making river's tables at once (a number
// for PostgreSQL's advisory locks, any that nobody else takes).
const migrating = 0x666c6f77_0001

// Migrate makes the tables of flow and of river, or brings them up to date.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("migrate flow: %w", err)
	}
	if err := database.Migrate(ctx, pool, schema, files); err != nil {
		return err
	}
	if err := database.Guard(ctx, pool, guarded()); err != nil {
		return fmt.Errorf("migrate flow: %w", err)
	}
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{
		Schema: schema, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return fmt.Errorf("migrate the jobs: %w", err)
	}
	c, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("migrate the jobs: %w", err)
	}
	defer c.Release()
	if _, err := c.Exec(ctx, "select pg_advisory_lock($1)", int64(migrating)); err != nil {
		return fmt.Errorf("migrate the jobs: %w", err)
	}
	defer func() {
		// a lock that cannot be given back goes with the session
		if _, err := c.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", int64(migrating)); err != nil {
			_ = c.Conn().Close(context.WithoutCancel(ctx))
		}
	}()
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the jobs: %w", err)
	}
	return nil
}
