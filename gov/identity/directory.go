package identity

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"onecity/gov/identity/access"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/watch"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Audit writes an entry in the transaction of the change; audit.Log has it.
type Audit func(ctx context.Context, tx pgx.Tx, e audit.Entry) error

// Directory is the organisations, people and rights in one database. It is
// safe for concurrent use; Run keeps its Table fresh.
type Directory struct {
	pool  *pgxpool.Pool
	wall  *database.Wall
	audit Audit
	log   *slog.Logger
	table atomic.Pointer[access.Table]

	watchers watch.List
}

// Open brings the tables up to date, puts the standard roles in and compiles
// the rights.
func Open(ctx context.Context, pool *pgxpool.Pool, a Audit, log *slog.Logger) (*Directory, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the directory's migrations: %w", err)
	}
	if err := database.Migrate(ctx, pool, "identity", files); err != nil {
		return nil, err
	}
	if err := database.Guard(ctx, pool, guarded()...); err != nil {
		return nil, fmt.Errorf("open the directory: %w", err)
	}
	wall, err := database.WallOf(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("open the directory: %w", err)
	}
	if log == nil {
		log = slog.Default()
	}
	d := &Directory{pool: pool, wall: wall, audit: a, log: log}
	if err := d.keepStandardRoles(ctx); err != nil {
		return nil, err
	}
	if _, err := d.compile(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// keepStandardRoles writes the roles that come with the program, as this
// program has them.
func (d *Directory) keepStandardRoles(ctx context.Context) error {
	batch := &pgx.Batch{}
	for _, r := range access.Standard() {
		body, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("write the role %s: %w", r.Code, err)
		}
		batch.Queue(`insert into identity.role (code, body, builtin) values ($1, $2, true)
			on conflict (code) do update set body = excluded.body, builtin = true where role.body <> excluded.body`, r.Code, body)
	}
	if err := d.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keep the standard roles: %w", err)
	}
	return nil
}

// Table is the rights as they are now.
func (d *Directory) Table() *access.Table { return d.table.Load() }

// Watch calls fn after every change of the rights, in Run's goroutine, until
// stop is called.
func (d *Directory) Watch(fn func()) (stop func()) { return d.watchers.Add(fn) }

// Run follows the changes of the rights, whoever made them, until ctx ends.
// While the database is away the rights stay what they were, but those whose
// time is over end.
func (d *Directory) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := d.follow(ctx); err != nil && ctx.Err() == nil {
			d.log.Warn("the changes of rights cannot be followed, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
	return ctx.Err()
}

// recheck is how often the rights are compiled though nobody told of a change.
const recheck = 30 * time.Second

func (d *Directory) follow(ctx context.Context) error {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("listen for changes of rights: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "listen identity"); err != nil {
		return fmt.Errorf("listen for changes of rights: %w", err)
	}
	defer func() {
		// The connection goes back to the pool; an error means it is closed.
		_, _ = conn.Exec(context.WithoutCancel(ctx), "unlisten identity")
	}()
	for {
		// After listening, so that no change falls between.
		if err := d.refresh(ctx); err != nil {
			return err
		}
		wait := recheck
		if until := d.Table().Until(); !until.IsZero() {
			wait = min(wait, max(time.Until(until), time.Millisecond))
		}
		timed, cancel := context.WithTimeout(ctx, wait)
		_, err := conn.Conn().WaitForNotification(timed)
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("wait for changes of rights: %w", err)
		}
	}
}

// refresh compiles the rights and tells the watchers when they have changed.
func (d *Directory) refresh(ctx context.Context) error {
	changed, err := d.compile(ctx)
	if err != nil || !changed {
		return err
	}
	d.watchers.Tell()
	return nil
}

// compile makes the Table of the database's bindings, those of people who may
// not sign in left out.
func (d *Directory) compile(ctx context.Context) (changed bool, err error) {
	var roles []access.Role
	var bindings []access.Binding
	err = pgx.BeginTxFunc(ctx, d.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if roles, err = d.roles(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `select `+bindingColumns+` from identity.binding b
			left join identity.person p on b.subject = 'person:' || p.id
			where b.subject not like 'person:%' or p.state = 'active'
			order by b.id`)
		if err != nil {
			return err
		}
		bindings, err = pgx.CollectRows(rows, scanBinding)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read the rights: %w", err)
	}
	table, err := access.Compile(roles, bindings, time.Now())
	if err != nil {
		return false, fmt.Errorf("compile the rights: %w", err)
	}
	before := d.table.Swap(table)
	return before == nil || !before.Equal(table), nil
}

func (d *Directory) roles(ctx context.Context, q querier) ([]access.Role, error) {
	rows, err := q.Query(ctx, `select body from identity.role order by code`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[access.Role])
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

const bindingColumns = `b.id::text, b.subject, b.role, b.axis, b.code, b."from", b.until`

func scanBinding(row pgx.CollectableRow) (access.Binding, error) {
	var b access.Binding
	var axis string
	var from, until *time.Time
	if err := row.Scan(&b.ID, &b.Subject, &b.Role, &axis, &b.On.Code, &from, &until); err != nil {
		return b, err
	}
	if axis == "org" {
		b.On.Axis = access.ByOrg
	}
	if from != nil {
		b.From = *from
	}
	if until != nil {
		b.Until = *until
	}
	return b, nil
}
