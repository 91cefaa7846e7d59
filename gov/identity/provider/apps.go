package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const appFrom = ` from provider.app a join identity.org o on o.id = a.org`

// columns of an application; $at is the argument with the time.
func columns(at int) string { return fmt.Sprintf(appColumns, at) }

const appColumns = `a.id, a.zh, a.en, o.id::text, o.name, o.path, o.region, a.contact, a.kind, a.redirects, a.logouts, a.scopes, a.grants,
	a.state, a.tested_at, a.tested_by, a.version, a.made, a.updated,
	(select coalesce(jsonb_agg(jsonb_build_object('made', s.made, 'until', s.until) order by s.made), '[]')
		from provider.secret s where s.app = a.id and (s.until is null or s.until > $%d))`

func scanApp(row pgx.CollectableRow) (a App, err error) {
	var testedAt *time.Time
	var testedBy *string
	err = row.Scan(&a.ID, &a.ZH, &a.EN, &a.Org, &a.OrgName, &a.OrgPath, &a.Region, &a.Contact, &a.Kind, &a.Redirects, &a.Logouts, &a.Scopes, &a.Grants,
		&a.State, &testedAt, &testedBy, &a.Version, &a.Made, &a.Updated, &a.Secrets)
	if testedAt != nil && testedBy != nil {
		a.Test = &Test{At: *testedAt, By: *testedBy}
	}
	return a, err
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// app finds an application whoever asks; identity.ErrNotFound.
func (p *Provider) app(ctx context.Context, q querier, id, lock string) (App, error) {
	if !appID.MatchString(id) { // nothing that the database would choke on
		return App{}, fmt.Errorf("find the application %.40q: %w", id, identity.ErrNotFound)
	}
	rows, err := q.Query(ctx, `select `+columns(1)+appFrom+` where a.id = $2 `+lock, p.now(), id)
	if err != nil {
		return App{}, fmt.Errorf("find the application %q: %w", id, err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanApp)
	if errors.Is(err, pgx.ErrNoRows) {
		err = identity.ErrNotFound
	}
	if err != nil {
		return App{}, fmt.Errorf("find the application %q: %w", id, err)
	}
	return a, nil
}

// object is an application as rights see it.
func (a App) object() access.Object { return access.Object{Region: a.Region, Org: a.OrgPath} }

// Apps lists the applications that by may view, by id.
func (p *Provider) Apps(ctx context.Context, by identity.By, f AppFilter) ([]App, error) {
	for _, text := range []string{f.Under, f.Query, f.State, f.After} {
		if badText(text, 200) { // nothing is called so
			return []App{}, nil
		}
	}
	reach, args := by.Where(access.AppView, "o.region", "o.path")
	n := len(args)
	sql := `select ` + columns(n+1) + appFrom + ` where ` + reach + fmt.Sprintf(`
		and o.path like $%d and (a.id ilike $%d or a.zh ilike $%d or a.en ilike $%d) and ($%d = '' or a.state = $%d) and a.id > $%d
		order by a.id limit $%d`, n+2, n+3, n+3, n+3, n+4, n+4, n+5, n+6)
	limit := f.Limit
	if limit <= 0 {
		limit = 200
	}
	args = append(args, p.now(), identity.Like(f.Under)+"%", "%"+identity.Like(f.Query)+"%", f.State, f.After, min(limit, 1000))
	rows, err := p.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("list applications: %w", err)
	}
	apps, err := pgx.CollectRows(rows, scanApp)
	if err != nil {
		return nil, fmt.Errorf("list applications: %w", err)
	}
	return apps, nil
}

// App finds one application that by may view; identity.ErrNotFound.
func (p *Provider) App(ctx context.Context, by identity.By, id string) (App, error) {
	a, err := p.app(ctx, p.pool, id, "")
	if err != nil {
		return App{}, err
	}
	if !by.Can(access.AppView, a.object()) {
		return App{}, fmt.Errorf("find the application %q: %w", id, identity.ErrNotFound)
	}
	return a, nil
}

// AddApp drafts an application and begins its onboarding. State, Secrets, Test
// and Version are the provider's. It answers with the first secret, shown once;
// empty for a kind without one. *identity.FieldError says what is wrong.
func (p *Provider) AddApp(ctx context.Context, by identity.By, a App) (out App, secret string, err error) {
	if err := a.check(); err != nil {
		return App{}, "", err
	}
	err = p.pool.QueryRow(ctx, `select path, region from identity.org where id::text = $1 and closed is null`, a.Org).Scan(&a.OrgPath, &a.Region)
	if errors.Is(err, pgx.ErrNoRows) {
		return App{}, "", wrong("org", a.Org, "unknown", "所属机构不存在 / there is no such organisation", "")
	}
	if err != nil {
		return App{}, "", fmt.Errorf("find the owner of %s: %w", a.ID, err)
	}
	// What was given to an application of that name is given to who drafts it:
	// "tools", say, is the subject of this machine's own.
	may, err := p.masters(ctx, p.pool, by, a)
	if err != nil {
		return App{}, "", err
	}
	if !may {
		return App{}, "", p.refuse(ctx, by, string(access.AppEdit), a)
	}
	err = p.flow.Tx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into provider.app (id, zh, en, org, contact, kind, redirects, logouts, scopes, grants, edited_by, made, updated)
			values ($1, $2, $3, $4::uuid, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
			a.ID, a.ZH, a.EN, a.Org, a.Contact, a.Kind, a.Redirects, a.Logouts, a.Scopes, a.Grants, by.Subject, p.now())
		if err != nil {
			return err
		}
		if a.confidential() {
			if secret, err = p.addSecret(ctx, tx, a.ID); err != nil {
				return err
			}
		}
		_, err = p.flow.StartTx(ctx, tx, by.Actor(), flow.Item{Machine: machineName, ID: a.Item(), Title: a.ZH, Region: a.Region, Org: a.OrgPath}, by.Why)
		if err != nil {
			return err
		}
		if out, err = p.app(ctx, tx, a.ID, ""); err != nil {
			return err
		}
		return p.changed(ctx, tx, by, string(access.AppEdit), nil, &out, nil)
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "app_pkey" {
		return App{}, "", wrong("id", a.ID, "taken", "该应用标识已被使用 / this id is taken", "")
	}
	if err != nil {
		return App{}, "", fmt.Errorf("draft the application %s: %w", a.ID, err)
	}
	return out, secret, nil
}

// EditApp changes an application; Version must be the one that was read. Only
// a draft or rejected one can be changed in all; of others the names and the
// contact (else *identity.FieldError, code "state"). A change of what was
// tested makes a new test necessary.
func (p *Provider) EditApp(ctx context.Context, by identity.By, a App) (App, error) {
	if err := a.check(); err != nil {
		return App{}, err
	}
	var was, out App
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) (err error) {
		if was, err = p.app(ctx, tx, a.ID, "for update of a"); err != nil {
			return err
		}
		if !by.Can(access.AppEdit, was.object()) {
			return identity.ErrRefused
		}
		if was.Version != a.Version {
			return identity.ErrConflict
		}
		core := !was.sameCore(a)
		switch {
		case a.Org != was.Org || a.Kind != was.Kind:
			return wrong("kind", a.Kind, "fixed", "所属机构和类型不能修改，请另建应用 / owner and kind are fixed: draft another application", was.Kind)
		case core && was.State != Draft && was.State != Rejected:
			return wrong("redirects", "", "state", "请先撤回或停用后修改：地址、权限范围和授权方式须重新测试和审核 / take it back or suspend it first: addresses, scopes and grants need a new test and approval", "")
		}
		_, err = tx.Exec(ctx, `update provider.app set zh = $2, en = $3, contact = $4, redirects = $5, logouts = $6, scopes = $7, grants = $8,
			tested_at = case when $9 then null else tested_at end, tested_by = case when $9 then null else tested_by end,
			edited_by = case when $9 then $10 else edited_by end, version = version + 1, updated = $11 where id = $1`,
			a.ID, a.ZH, a.EN, a.Contact, a.Redirects, a.Logouts, a.Scopes, a.Grants, core, by.Subject, p.now())
		if err != nil {
			return err
		}
		if out, err = p.app(ctx, tx, a.ID, ""); err != nil {
			return err
		}
		return p.changed(ctx, tx, by, string(access.AppEdit), &was, &out, nil)
	})
	if errors.Is(err, identity.ErrRefused) {
		return App{}, p.refuse(ctx, by, string(access.AppEdit), was)
	}
	if err != nil {
		return App{}, fmt.Errorf("change the application %s: %w", a.ID, err)
	}
	return out, nil
}

// masters reports whether by may take the application's credentials into its
// hands: edit it, and give all that it holds.
func (p *Provider) masters(ctx context.Context, q querier, by identity.By, a App) (bool, error) {
	if !by.Can(access.AppEdit, a.object()) {
		return false, nil
	}
	return identity.MastersSubject(ctx, q, by, a.Subject())
}

// sameCore reports whether what is tested and approved is the same.
func (a App) sameCore(b App) bool {
	return slices.Equal(a.Redirects, b.Redirects) && slices.Equal(a.Logouts, b.Logouts) && slices.Equal(a.Scopes, b.Scopes) && slices.Equal(a.Grants, b.Grants)
}

// confidential reports whether the application can keep a secret.
func (a App) confidential() bool { return a.Kind == Web || a.Kind == Service }
