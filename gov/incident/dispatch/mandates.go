package dispatch

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"onecity/internal/audit"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

const mandateColumns = `id::text, class, region, org, org_name, kinds, lower(valid), upper(valid), note, made, version, updated`

func scanMandate(row pgx.CollectableRow) (m Mandate, err error) {
	err = row.Scan(&m.ID, &m.Class, &m.Region, &m.Org, &m.OrgName, &m.Kinds, &m.Since, &m.Until, &m.Note, &m.Made, &m.Version, &m.Updated)
	return m, err
}

// Responsible is the mandate that holds for a class in a region at that time:
// of those whose class and region are the beginnings of these, the one with the
// longest class, and among them the one with the longest region. A special
// department goes before a general one, and the place's own before the city's.
// nil when nobody has been named. It is read for the program, not for somebody.
func (b *Book) Responsible(ctx context.Context, class, region string, at time.Time) (*Mandate, error) {
	rows, err := b.pool.Query(ctx, `select `+mandateColumns+` from dispatch.mandate
		where starts_with($1, class) and starts_with($2, region) and valid @> $3::timestamptz
		order by length(class) desc, length(region) desc limit 1`, class, region, at)
	if err != nil {
		return nil, fmt.Errorf("find who answers for %s in %s: %w", class, region, err)
	}
	m, err := pgx.CollectExactlyOneRow(rows, scanMandate)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find who answers for %s in %s: %w", class, region, err)
	}
	return &m, nil
}

// Mandates lists the responsibility list as by may see it, by class, region and
// time.
func (b *Book) Mandates(ctx context.Context, by By, f MandateFilter) ([]Mandate, error) {
	if f.At.IsZero() {
		f.At = b.opt.Now()
	}
	list, err := database.Collect(ctx, b.wall, by.scope(), `select `+mandateColumns+` from dispatch.mandate
		where (starts_with(region, $1) or starts_with($1, region)) and (starts_with(class, $2) or starts_with($2, class)) and ($3 or valid @> $4::timestamptz)
			and (region like any ($5) or exists (select from unnest($6::text[]) n where starts_with(n, region)))
		order by class, region, lower(valid)`, []any{f.Region, f.Class, f.All, f.At, patterns(by.Sees), by.Sees}, scanMandate)
	if err != nil {
		return nil, fmt.Errorf("read the responsibility list: %w", err)
	}
	return list, nil
}

func patterns(prefixes []string) []string {
	out := make([]string, len(prefixes))
	for i, p := range prefixes {
		out[i] = database.Pattern(p)
	}
	return out
}

var (
	classForm = regexp.MustCompile(`^[0-9A-Z]{0,16}$`)
	placeForm = regexp.MustCompile(`^[0-9A-Z]{0,15}$`)
	orgForm   = regexp.MustCompile(`^([0-9A-Z]{4})+$`)
)

func (m *Mandate) check() error {
	switch {
	case !classForm.MatchString(m.Class):
		return &FieldError{"/class", m.Class, "form", "类别代码只含大写字母和数字 / a class is capital letters and digits", "E01"}
	case !placeForm.MatchString(m.Region):
		return &FieldError{"/region", m.Region, "form", "区域代码只含大写字母和数字 / a region is capital letters and digits", "320583"}
	case m.Org != "" && !orgForm.MatchString(m.Org):
		return &FieldError{"/org", m.Org, "form", "不是机构路径 / not the path of an organisation", "00010002"}
	case m.Until != nil && !m.Until.After(m.Since):
		return &FieldError{"/until", m.Until.Format(time.RFC3339), "order", "结束时间须晚于开始时间 / the end must be after the beginning", ""}
	case len(m.Kinds) > 16 || slices.Contains(m.Kinds, ""):
		return &FieldError{"/kinds", fmt.Sprint(m.Kinds), "form", "力量类别不可为空，至多十六类 / at most sixteen kinds, none empty", "grid"}
	}
	return nil
}

// Entrust says who answers for a class in a region from m.Since on, now when it
// is zero; who did before stops then. Without an organisation nobody does from
// then on. m.Version is that of the row that holds at m.Since, as the caller
// read it, 0 when none does: ErrConflict when it is another by now. A
// *FieldError when m makes no sense, or a later row would overlap.
func (b *Book) Entrust(ctx context.Context, by By, m Mandate) (Mandate, error) {
	if m.Since.IsZero() {
		m.Since = b.opt.Now()
	}
	m.Since = m.Since.UTC().Truncate(time.Microsecond) // as the database keeps it
	if m.Kinds == nil {
		m.Kinds = []string{}
	}
	if err := m.check(); err != nil {
		return Mandate{}, err
	}
	object := "mandate:" + m.Class + "@" + m.Region
	if !by.edits(m.Region) {
		return Mandate{}, b.refuse(ctx, by, "incident.mandate", object, m.Region)
	}
	err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		before, err := holding(ctx, tx, m)
		if err != nil {
			return err
		}
		if m.Version != 0 && before == nil || before != nil && before.Version != m.Version {
			return fmt.Errorf("the mandate for %s in %s: %w", m.Class, m.Region, ErrConflict)
		}
		if before != nil {
			if err := end(ctx, tx, *before, m.Since); err != nil {
				return err
			}
		}
		m.Version++
		m.Updated = b.opt.Now()
		if m.Org != "" {
			err = tx.QueryRow(ctx, `insert into dispatch.mandate (class, region, org, org_name, kinds, valid, note, made, version, updated)
				values ($1, $2, $3, $4, $5, tstzrange($6, $7), $8, $9, $10, $11) returning id::text`,
				m.Class, m.Region, m.Org, m.OrgName, m.Kinds, m.Since, m.Until, m.Note, m.Made, m.Version, m.Updated).Scan(&m.ID)
			if err != nil {
				return err
			}
		}
		return b.record(ctx, tx, by, "incident.mandate", object, m.Region, m.Org, audit.Done, before, m)
	})
	switch {
	case violated(err) == "mandate_once":
		return Mandate{}, &FieldError{"/since", m.Since.Format(time.RFC3339), "overlap", "该时段已另有安排 / another row holds in a part of that time already", "a time that does not overlap"}
	case err != nil:
		return Mandate{}, fmt.Errorf("entrust %s in %s: %w", m.Class, m.Region, err)
	}
	return m, nil
}

// holding is the row for just that class and region that holds at m.Since.
func holding(ctx context.Context, tx pgx.Tx, m Mandate) (*Mandate, error) {
	rows, err := tx.Query(ctx, `select `+mandateColumns+` from dispatch.mandate where class = $1 and region = $2 and valid @> $3::timestamptz for update`,
		m.Class, m.Region, m.Since)
	if err != nil {
		return nil, err
	}
	before, err := pgx.CollectExactlyOneRow(rows, scanMandate)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &before, err
}

// end ends a row; one that has not held for a moment is taken back whole.
func end(ctx context.Context, tx pgx.Tx, m Mandate, at time.Time) error {
	sql, args := `update dispatch.mandate set valid = tstzrange(lower(valid), $2), updated = now() where id::text = $1`, []any{m.ID, at}
	if !m.Since.Before(at) {
		sql, args = `delete from dispatch.mandate where id::text = $1`, args[:1]
	}
	_, err := tx.Exec(ctx, sql, args...)
	return err
}
