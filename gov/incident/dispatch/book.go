package dispatch

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"onecity/internal/audit"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Audit writes an entry in the transaction of the change; audit.Log has it.
type Audit func(ctx context.Context, tx pgx.Tx, e audit.Entry) error

// Options of a Book.
type Options struct {
	Audit Audit // nil: nothing is logged
	// Zone is the city's time zone, in which shifts begin; nil: UTC.
	Zone func() *time.Location
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Book keeps the responsibility list and the duty roster of one city. It is
// safe for concurrent use.
type Book struct {
	pool *pgxpool.Pool
	wall *database.Wall
	opt  Options
}

// guarded are the tables that people read, with what they see of them: the
// responsibility list of their regions and of those above, which hold in theirs
// too; the roster of their regions, and where they are on it themselves.
func guarded() []database.Guarded {
	within := func(region string) string {
		return region + " like any ((select scope.nodes('region'))::text[])"
	}
	return []database.Guarded{
		{Table: "dispatch.slot", Sees: "true"},
		// A node is a pattern, "320583100%"; a region's own pattern matches it
		// when the node lies in the region.
		{Table: "dispatch.mandate", Sees: within("region") + " or exists (select from unnest((select scope.nodes('region'))::text[]) n where n like region || '%')"},
		{Table: "dispatch.day", Sees: within("region")},
		{Table: "dispatch.turn", Sees: within("region") + " or " + database.Own("person")},
	}
}

// Open brings the tables up to date, and puts them behind the second wall.
func Open(ctx context.Context, pool *pgxpool.Pool, o Options) (*Book, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read the migrations of dispatch: %w", err)
	}
	if err := database.Migrate(ctx, pool, "dispatch", files); err != nil {
		return nil, err
	}
	if err := database.Guard(ctx, pool, guarded()...); err != nil {
		return nil, fmt.Errorf("open the responsibility list: %w", err)
	}
	wall, err := database.WallOf(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("open the responsibility list: %w", err)
	}
	if o.Audit == nil {
		o.Audit = func(context.Context, pgx.Tx, audit.Entry) error { return nil }
	}
	if o.Zone == nil {
		o.Zone = func() *time.Location { return time.UTC }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Book{pool, wall, o}, nil
}

// scope is what by may read, as the second wall knows it.
func (by By) scope() database.Scope {
	return database.Scope{Regions: by.Sees, Self: by.Subject}
}

func (by By) sees(region string) bool { return reaches(by.Sees, region) }

func (by By) edits(region string) bool { return reaches(by.Edits, region) }

func reaches(subtrees []string, region string) bool {
	return slices.ContainsFunc(subtrees, func(s string) bool { return strings.HasPrefix(region, s) })
}

// record writes a change, or that it was refused, into the log.
func (b *Book) record(ctx context.Context, tx pgx.Tx, by By, action, object, region, org, outcome string, before, after any) error {
	detail, err := json.Marshal(map[string]any{"before": before, "after": after})
	if err != nil {
		return fmt.Errorf("write the log's detail: %w", err)
	}
	e := audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Why: by.Why, Action: action, Object: object,
		Region: region, Org: org, Outcome: outcome, Detail: detail}
	if outcome == audit.Done {
		if e.Before, err = audit.StateDigest(before); err != nil {
			return err
		}
		if e.After, err = audit.StateDigest(after); err != nil {
			return err
		}
	}
	if err := b.opt.Audit(ctx, tx, e); err != nil {
		return fmt.Errorf("log %s: %w", action, err)
	}
	return nil
}

// refuse logs that somebody was refused, and is ErrRefused.
func (b *Book) refuse(ctx context.Context, by By, action, object, region string) error {
	err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		return b.record(ctx, tx, by, action, object, region, "", audit.Refused, nil, nil)
	})
	if err != nil {
		return err
	}
	return fmt.Errorf("%s %s: %w", action, object, ErrRefused)
}

// violated is the constraint that the database refused a change for; "" when it
// was another error.
func violated(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.ConstraintName
	}
	return ""
}
