package identity

import (
	"context"
	"fmt"
	"time"

	"onecity/gov/identity/access"

	"github.com/jackc/pgx/v5"
)

// Responsibilities of an organisation, past ones too, the newest first.
func (d *Directory) Responsibilities(ctx context.Context, by By, org string) ([]Responsibility, error) {
	if _, err := d.Org(ctx, by, org); err != nil {
		return nil, err
	}
	return list(ctx, d, by.scope(access.OrgView), "list the responsibilities of "+org, `select id::text, org::text, kind, coalesce(person::text, ''), coalesce(department::text, ''), doc,
		lower(valid), upper(valid) from identity.responsibility where org::text = $1 order by lower(valid) desc, kind`, []any{org}, pgx.RowToStructByPos[Responsibility])
}

// Appoint fills one of the three ones from r.From on. Who filled it before
// stops at that moment, so that there is exactly one at any time.
func (d *Directory) Appoint(ctx context.Context, by By, r Responsibility) (Responsibility, error) {
	switch r.Kind {
	case Leader, Officer:
		if r.Person == "" || r.Unit != "" {
			return r, wrong("person", r.Person, "missing", "请指定人员 / a person is needed", "")
		}
	case Department:
		if r.Unit == "" || r.Person != "" {
			return r, wrong("department", r.Unit, "missing", "请指定部门 / an organisation is needed", "")
		}
	default:
		return r, wrong("kind", r.Kind, "unknown", "没有这种责任 / there is no such post", "leader, department, officer")
	}
	if r.From.IsZero() {
		r.From = time.Now()
	}
	err := d.change(ctx, by, func(tx pgx.Tx) (change, error) {
		o, err := d.org(ctx, tx, r.Org)
		if err != nil {
			return change{}, err
		}
		c := change{action: "identity.org.appoint", object: "org:" + o.ID, region: o.Region, org: o.Path, after: r}
		if !by.can(access.OrgEdit, o.object()) {
			return c, ErrRefused
		}
		if err := d.fit(ctx, tx, r); err != nil {
			return c, err
		}
		if _, err := tx.Exec(ctx, `update identity.responsibility set valid = tstzrange(lower(valid), $3)
			where org::text = $1 and kind = $2 and valid @> $3::timestamptz and lower(valid) < $3`, r.Org, r.Kind, r.From); err != nil {
			return c, err
		}
		err = tx.QueryRow(ctx, `insert into identity.responsibility (org, kind, person, department, doc, valid)
			values ($1::uuid, $2, nullif($3, '')::uuid, nullif($4, '')::uuid, $5, tstzrange($6, $7)) returning id::text`,
			r.Org, r.Kind, r.Person, r.Unit, r.Doc, r.From, r.Until).Scan(&r.ID)
		c.after = r
		return c, err
	})
	return r, err
}

func (d *Directory) fit(ctx context.Context, tx pgx.Tx, r Responsibility) error {
	if r.Until != nil && !r.Until.After(r.From) {
		return wrong("until", r.Until.Format(time.RFC3339), "order", "结束时间须晚于开始时间 / the end must be after the beginning", "")
	}
	if r.Person != "" {
		if _, err := d.person(ctx, tx, `p.id::text = $1`, r.Person); err != nil {
			return wrong("person", r.Person, "unknown", "人员不存在 / there is no such person", "")
		}
		return nil
	}
	if _, err := d.org(ctx, tx, r.Unit); err != nil {
		return wrong("department", r.Unit, "unknown", "部门不存在 / there is no such organisation", "")
	}
	return nil
}

// Dismiss ends a responsibility now: from then on there is a gap.
func (d *Directory) Dismiss(ctx context.Context, by By, org, id string) error {
	return d.change(ctx, by, func(tx pgx.Tx) (change, error) {
		o, err := d.org(ctx, tx, org)
		if err != nil {
			return change{}, err
		}
		c := change{action: "identity.org.dismiss", object: "org:" + o.ID, region: o.Region, org: o.Path, before: id}
		if !by.can(access.OrgEdit, o.object()) {
			return c, ErrRefused
		}
		// One that has not begun is taken back whole.
		tag, err := tx.Exec(ctx, `delete from identity.responsibility where id::text = $1 and org::text = $2 and lower(valid) >= now()`, id, org)
		if err != nil {
			return c, err
		}
		if tag.RowsAffected() == 0 {
			tag, err = tx.Exec(ctx, `update identity.responsibility set valid = tstzrange(lower(valid), now())
				where id::text = $1 and org::text = $2 and valid @> now()`, id, org)
			if err != nil {
				return c, err
			}
		}
		if tag.RowsAffected() == 0 {
			return c, ErrNotFound
		}
		return c, nil
	})
}

// Ones is how well the three ones are filled under a path: the KPI
// org.three_ones 三个一到位率.
type Ones struct {
	Orgs   int            `json:"orgs"`
	Filled int            `json:"filled"` // posts filled, of three times Orgs
	Gaps   map[string]int `json:"gaps"`   // by kind
}

// ThreeOnes counts the posts of the organisations that by may view and that
// must have them: all but villages and grids.
func (d *Directory) ThreeOnes(ctx context.Context, by By, under string) (Ones, error) {
	reach, args := by.where(access.OrgView, "o.region", "o.path")
	args = append(args, like(under)+"%")
	all, err := list(ctx, d, by.scope(access.OrgView), "count the three ones", `select `+gapColumns+` from identity.org o
		where o.closed is null and o.kind not in ('village', 'grid') and `+reach+fmt.Sprintf(` and o.path like $%d`, len(args)), args, pgx.RowTo[[]string])
	if err != nil {
		return Ones{}, err
	}
	ones := Ones{Orgs: len(all), Gaps: map[string]int{Leader: 0, Department: 0, Officer: 0}}
	for _, gaps := range all {
		ones.Filled += 3 - len(gaps)
		for _, g := range gaps {
			ones.Gaps[g]++
		}
	}
	return ones, nil
}
