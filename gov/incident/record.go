package incident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"onecity/geo"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
)

// KindRecord is the kind of the outbox's messages about cases; their body is
// the Case.
const KindRecord = "incident.record"

const recordColumns = `id, class, title, description, severity, lon, lat, address, reported, channel, reporter, object, photos, region, grade,
	simulated, no, state, version, updated, closed, since, due, final, level, org, unit, handler, offered, into_, merged, partner, urged,
	reworks, proofs, stars`

func (c *Case) into() []any {
	return []any{&c.ID, &c.Class, &c.Title, &c.Description, &c.Severity, &c.Lon, &c.Lat, &c.Address, &c.Reported, &c.Channel, &c.Reporter,
		&c.Object, &c.Photos, &c.Region, &c.Grade, &c.Simulated, &c.No, &c.State, &c.Version, &c.Updated, &c.Closed, &c.Since, &c.Due, &c.Final,
		&c.Level, &c.Org, &c.Unit, &c.Handler, &c.Offered, &c.Into, &c.Merged, &c.Partner, &c.Urged, &c.Reworks, &c.Proofs, &c.Stars}
}

func scanCase(row pgx.CollectableRow) (c Case, err error) {
	err = row.Scan(c.into()...)
	return c, err
}

// querier is a pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// load reads a case for the program itself, with the version at which it came
// into its state.
func load(ctx context.Context, q querier, id string) (c Case, moved int64, err error) {
	err = q.QueryRow(ctx, `select moved, `+recordColumns+` from incident.record where id = $1`, id).Scan(append([]any{&moved}, c.into()...)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Case{}, 0, fmt.Errorf("case %s: %w", id, ErrUnknown)
	}
	if err != nil {
		return Case{}, 0, fmt.Errorf("read case %s: %w", id, err)
	}
	return c, moved, nil
}

// insert writes a new case; ok is false when it is there already.
func insert(ctx context.Context, tx pgx.Tx, c *Case) (ok bool, err error) {
	tag, err := tx.Exec(ctx, `insert into incident.record (`+recordColumns+`, moved, cell, grams)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
			$29, $30, $31, $32, $33, $34, $35, $36, $19, $37, $38) on conflict (id) do nothing`, c.values()...)
	if err != nil {
		return false, fmt.Errorf("write case %s: %w", c.ID, err)
	}
	return tag.RowsAffected() == 1, nil
}

// values are a case's in the order of recordColumns, then cell and grams.
func (c *Case) values() []any {
	return []any{c.ID, c.Class, c.Title, c.Description, c.Severity, c.Lon, c.Lat, c.Address, c.Reported, c.Channel, c.Reporter, c.Object,
		some(c.Photos), c.Region, c.Grade, c.Simulated, c.No, c.State, c.Version, c.Updated, c.Closed, c.Since, c.Due, c.Final, c.Level, c.Org,
		c.Unit, c.Handler, some(c.Offered), c.Into, c.Merged, c.Partner, c.Urged, c.Reworks, c.Proofs, c.Stars, cellOf(c.Lon, c.Lat), gramsOf(c)}
}

// some is a list as a column that is not null has it.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// cellOf is the H3 cell of a place, as PostgreSQL's bigint has it.
func cellOf(lon, lat float64) int64 {
	return int64(geo.CellAt(orb.Point{lon, lat}, geo.BaseResolution))
}

// save writes a changed case as the next version, tells its timeline e, and
// puts the record into the outbox.
func (s *Service) save(ctx context.Context, tx pgx.Tx, c *Case, e Entry) error {
	was := c.Version
	c.Version++
	c.Updated = e.At
	tag, err := tx.Exec(ctx, `update incident.record set state = $3, version = $4, updated = $5, closed = $6, since = $7, due = $8, final = $9,
			level = $10, org = $11, unit = $12, handler = $13, offered = $14, into_ = $15, merged = $16, partner = $17, urged = $18, reworks = $19,
			proofs = $20, stars = $21, moved = case when $22 then $4 else moved end
		where id = $1 and version = $2`,
		c.ID, was, c.State, c.Version, c.Updated, c.Closed, c.Since, c.Due, c.Final, c.Level, c.Org, c.Unit, c.Handler, some(c.Offered), c.Into,
		c.Merged, c.Partner, c.Urged, c.Reworks, c.Proofs, c.Stars, e.Kind == kindEvent)
	if err != nil {
		return fmt.Errorf("write case %s: %w", c.ID, err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("write case %s: version %d is not its last: %w", c.ID, was, ErrConflict)
	}
	e.Version = c.Version
	if err := remember(ctx, tx, c.ID, e); err != nil {
		return err
	}
	return emit(ctx, s.engine, tx, c)
}

func emit(ctx context.Context, engine *flow.Engine, tx pgx.Tx, c *Case) error {
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("tell of case %s: %w", c.ID, err)
	}
	return engine.Emit(ctx, tx, flow.Message{At: c.Updated, Kind: KindRecord, Object: c.ID, Region: c.Region, Org: c.Org, Body: body})
}

// clocked takes state and clock from the kernel.
func (c *Case) clocked(it flow.Item) {
	c.State, c.Since, c.Due, c.Level = it.State, it.Since.UTC(), it.Due, it.Level
}

// micro is a time as the database keeps it.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
