package identity

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"onecity/gov/identity/access"

	"github.com/jackc/pgx/v5"
)

// Granted is a binding as a list shows it.
type Granted struct {
	access.Binding
	Name      string // of the subject, if it is a person
	Why       string
	GrantedBy string
	Granted   time.Time
}

// BindingFilter narrows a list of bindings; the zero filter takes all.
type BindingFilter struct {
	Subject string
	Role    string
	On      *access.Node // those on it or inside it
	After   string       // ID after which the page begins
	Limit   int
}

// Bindings lists those that by may view: on a subtree of its own. Who has no
// such right sees its own.
func (d *Directory) Bindings(ctx context.Context, by By, f BindingFilter) ([]Granted, error) {
	reach, args := by.whereNode(access.BindingView, "b.axis", "b.code")
	n := len(args)
	sql := `select ` + bindingColumns + `, coalesce(p.name, ''), b.why, b.granted_by, b.granted from identity.binding b
		left join identity.person p on b.subject = 'person:' || p.id
		where (` + reach + fmt.Sprintf(` or b.subject = $%d) and ($%d = '' or b.subject = $%d) and ($%d = '' or b.role = $%d) and b.id::text > $%d`,
		n+1, n+2, n+2, n+3, n+3, n+4)
	args = append(args, by.Subject, f.Subject, f.Role, f.After)
	if f.On != nil {
		sql += fmt.Sprintf(` and b.axis = $%d and b.code like $%d`, len(args)+1, len(args)+2)
		args = append(args, axisName(f.On.Axis), like(f.On.Code)+"%")
	}
	sql += fmt.Sprintf(` order by b.id::text limit $%d`, len(args)+1)
	scope := by.scope(access.BindingView)
	scope.Holders = true
	return list(ctx, d, scope, "list bindings", sql, append(args, limit(f.Limit)), scanGranted)
}

func scanGranted(row pgx.CollectableRow) (g Granted, err error) {
	var axis string
	var from, until *time.Time
	err = row.Scan(&g.ID, &g.Subject, &g.Role, &axis, &g.On.Code, &from, &until, &g.Name, &g.Why, &g.GrantedBy, &g.Granted)
	if axis == "org" {
		g.On.Axis = access.ByOrg
	}
	if from != nil {
		g.From = *from
	}
	if until != nil {
		g.Until = *until
	}
	return g, err
}

var (
	subjectForm = regexp.MustCompile(`^(person|app):[0-9a-z-]{1,64}$`)
	codeForm    = regexp.MustCompile(`^[0-9A-Z]{0,64}$`)
)

// Grant gives a binding, if by may give it (access.Subject.CanGrant). A reason
// is needed.
func (d *Directory) Grant(ctx context.Context, by By, b access.Binding) (access.Binding, error) {
	if strings.TrimSpace(by.Why) == "" {
		return b, wrong("why", "", "missing", "请填写授权理由 / a reason is needed", "")
	}
	if !subjectForm.MatchString(b.Subject) {
		return b, wrong("subject", b.Subject, "form", "授权对象须为人员或应用 / rights are given to people and applications", "person:… or app:…")
	}
	if !codeForm.MatchString(b.On.Code) {
		return b, wrong("on/code", b.On.Code, "form", "范围代码只含数字和大写字母 / a code is digits and capital letters", "320583100")
	}
	if !b.Until.IsZero() && !b.Until.After(b.From) {
		return b, wrong("until", b.Until.Format(time.RFC3339), "order", "结束时间须晚于开始时间 / the end must be after the beginning", "")
	}
	err := d.change(ctx, by, func(tx pgx.Tx) (change, error) {
		c := change{action: "identity.binding.grant", object: b.Subject, after: b}
		c.place(b.On)
		if id, ok := strings.CutPrefix(b.Subject, "person:"); ok {
			if _, err := d.person(ctx, tx, `p.id::text = $1`, id); err != nil {
				return c, wrong("subject", b.Subject, "unknown", "人员不存在 / there is no such person", "")
			}
		}
		if err := d.knowsRole(ctx, tx, b.Role); err != nil {
			return c, err
		}
		if by.Subject != "system" && !by.Rights.CanGrant(b) {
			return c, ErrRefused
		}
		err := tx.QueryRow(ctx, `insert into identity.binding (subject, role, axis, code, "from", until, why, granted_by)
			values ($1, $2, $3, $4, $5, $6, $7, $8) returning id::text`,
			b.Subject, b.Role, axisName(b.On.Axis), b.On.Code, orNil(b.From), orNil(b.Until), by.Why, by.Subject).Scan(&b.ID)
		c.after = b
		return c, err
	})
	return b, err
}

func (d *Directory) knowsRole(ctx context.Context, q querier, code string) error {
	var there bool
	if err := q.QueryRow(ctx, `select exists (select from identity.role where code = $1)`, code).Scan(&there); err != nil {
		return fmt.Errorf("find the role %s: %w", code, err)
	}
	if !there {
		return wrong("role", code, "unknown", "角色不存在 / there is no such role", "")
	}
	return nil
}

// Revoke takes a binding back: who may give it may take it. A reason is needed.
func (d *Directory) Revoke(ctx context.Context, by By, id string) error {
	if strings.TrimSpace(by.Why) == "" {
		return wrong("why", "", "missing", "请填写撤销理由 / a reason is needed", "")
	}
	return d.change(ctx, by, func(tx pgx.Tx) (change, error) {
		rows, err := tx.Query(ctx, `delete from identity.binding b where b.id::text = $1 returning `+bindingColumns, id)
		if err != nil {
			return change{}, err
		}
		b, err := pgx.CollectExactlyOneRow(rows, scanBinding)
		if errors.Is(err, pgx.ErrNoRows) {
			return change{}, ErrNotFound
		}
		if err != nil {
			return change{}, err
		}
		c := change{action: "identity.binding.revoke", object: b.Subject, before: b}
		c.place(b.On)
		if by.Subject != "system" && !by.Rights.CanGrant(b) {
			return c, ErrRefused // and the transaction is rolled back
		}
		return c, nil
	})
}

func (c *change) place(n access.Node) {
	if n.Axis == access.ByOrg {
		c.org = n.Code
	} else {
		c.region = n.Code
	}
}

// whereNode is a condition on a subtree: that it lies within one of by's.
func (by By) whereNode(a access.Action, axis, code string) (sql string, args []any) {
	if by.Subject == "system" {
		return "true", nil
	}
	regions, orgs := []string{}, []string{}
	for _, n := range by.Rights.Nodes(a) {
		if n.Axis == access.ByRegion {
			regions = append(regions, like(n.Code)+"%")
		} else {
			orgs = append(orgs, like(n.Code)+"%")
		}
	}
	return fmt.Sprintf("(%s = 'region' and %s like any($1) or %s = 'org' and %s like any($2))", axis, code, axis, code), []any{regions, orgs}
}

func axisName(a access.Axis) string {
	if a == access.ByOrg {
		return "org"
	}
	return "region"
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Roles are all there are.
func (d *Directory) Roles(ctx context.Context) ([]access.Role, error) {
	roles, err := d.roles(ctx, d.pool)
	if err != nil {
		return nil, fmt.Errorf("list roles: %w", err)
	}
	return roles, nil
}
