package identity

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"onecity/gov/identity/access"
	"onecity/internal/audit"
	"onecity/internal/codes"

	"github.com/jackc/pgx/v5"
)

// Kinds of organisations.
var Kinds = []string{"party", "gov", "town", "village", "grid", "institution", "soe"}

// gapColumns are those of the three ones that nobody fills at this moment.
// Villages and grids need none: the policy asks districts and departments.
const gapColumns = `array(select k from unnest(array['leader','department','officer']) k
	where o.kind not in ('village', 'grid') and not exists (select from identity.responsibility r where r.org = o.id and r.kind = k and r.valid @> now()))`

const orgColumns = `o.id::text, coalesce(o.uscc, ''), o.name, o.kind, coalesce(o.parent::text, ''), o.path, o.region,
	` + gapColumns + `, (select count(*) from identity.person p where p.org = o.id and p.state <> 'left')::int, o.version, o.updated`

func scanOrg(row pgx.CollectableRow) (o Org, err error) {
	err = row.Scan(&o.ID, &o.USCC, &o.Name, &o.Kind, &o.Parent, &o.Path, &o.Region, &o.Gaps, &o.People, &o.Version, &o.Updated)
	return o, err
}

// object is an organisation as rights see it.
func (o Org) object() access.Object { return access.Object{Region: o.Region, Org: o.Path} }

// OrgFilter narrows a list of organisations; the zero filter takes all.
type OrgFilter struct {
	Under string // path
	Query string // part of the name or code
	Gaps  bool   // only those with a gap in the three ones
	After string // path after which the page begins
	Limit int    // ≤ 1000; 0 means 200
}

// Orgs lists the organisations that by may view, in the order of their paths,
// the parent before its children.
func (d *Directory) Orgs(ctx context.Context, by By, f OrgFilter) ([]Org, error) {
	reach, args := by.where(access.OrgView, "o.region", "o.path")
	n := len(args)
	sql := `select ` + orgColumns + ` from identity.org o where o.closed is null and ` + reach + fmt.Sprintf(`
		and o.path like $%d and (o.name ilike $%d or o.uscc ilike $%d) and o.path > $%d`, n+1, n+2, n+2, n+3)
	if f.Gaps {
		sql += ` and ` + gapColumns + ` <> '{}'`
	}
	sql += fmt.Sprintf(` order by o.path limit $%d`, n+4)
	args = append(args, like(f.Under)+"%", "%"+like(f.Query)+"%", f.After, limit(f.Limit))
	return list(ctx, d, by.scope(access.OrgView), "list organisations", sql, args, scanOrg)
}

// Org finds one organisation that by may view; ErrNotFound when there is none.
func (d *Directory) Org(ctx context.Context, by By, id string) (Org, error) {
	o, err := d.org(ctx, d.pool, id)
	if err == nil && !by.can(access.OrgView, o.object()) {
		err = fmt.Errorf("organisation %s: %w", id, ErrNotFound)
	}
	return o, err
}

func (d *Directory) org(ctx context.Context, q querier, id string) (Org, error) {
	rows, err := q.Query(ctx, `select `+orgColumns+` from identity.org o where o.id::text = $1 and o.closed is null`, id)
	if err != nil {
		return Org{}, fmt.Errorf("find organisation %s: %w", id, err)
	}
	o, err := pgx.CollectExactlyOneRow(rows, scanOrg)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Org{}, fmt.Errorf("find organisation %s: %w", id, err)
	}
	return o, nil
}

// AddOrg puts an organisation in. Its ID, Path, Gaps, People and Version are
// set by the directory; an empty Parent makes it a root, for which by must hold
// the whole tree.
func (d *Directory) AddOrg(ctx context.Context, by By, o Org, made bool) (Org, error) {
	if err := checkOrg(o); err != nil {
		return Org{}, err
	}
	var out Org
	err := d.change(ctx, by, func(tx pgx.Tx) (c change, err error) {
		out, c, err = d.addOrg(ctx, tx, by, o, made)
		return c, err
	})
	return out, err
}

func (d *Directory) addOrg(ctx context.Context, tx pgx.Tx, by By, o Org, made bool) (out Org, c change, err error) {
	parent := Org{}
	if o.Parent != "" {
		if parent, err = d.org(ctx, tx, o.Parent); err != nil {
			return out, c, wrong("parent", o.Parent, "unknown", "上级机构不存在 / there is no such parent", "")
		}
	}
	c = change{action: string(access.OrgEdit), object: "org:", region: o.Region, org: parent.Path, after: o}
	// Both where it hangs and where it works must be the actor's.
	if !by.can(access.OrgEdit, parent.object()) || !by.can(access.OrgEdit, access.Object{Region: o.Region, Org: parent.Path}) {
		return out, c, ErrRefused
	}
	path, err := nextPath(ctx, tx, parent)
	if err != nil {
		return out, c, err
	}
	var id string
	err = tx.QueryRow(ctx, `insert into identity.org (uscc, name, kind, parent, path, region, made)
		values (nullif($1, ''), $2, $3, nullif($4, '')::uuid, $5, $6, $7) returning id::text`,
		o.USCC, o.Name, o.Kind, o.Parent, path, o.Region, made).Scan(&id)
	if err != nil {
		return out, c, err
	}
	out, err = d.org(ctx, tx, id)
	c.object, c.org, c.after = "org:"+id, out.Path, out
	return out, c, err
}

// EditOrg changes the name, code, kind and region of an organisation; Version
// must be the one that was read. It does not move it.
func (d *Directory) EditOrg(ctx context.Context, by By, o Org) (Org, error) {
	if err := checkOrg(o); err != nil {
		return Org{}, err
	}
	var out Org
	err := d.change(ctx, by, func(tx pgx.Tx) (c change, err error) {
		out, c, err = d.editOrg(ctx, tx, by, o)
		return c, err
	})
	return out, err
}

func (d *Directory) editOrg(ctx context.Context, tx pgx.Tx, by By, o Org) (out Org, c change, err error) {
	was, err := d.org(ctx, tx, o.ID)
	if err != nil {
		return out, c, err
	}
	c = change{action: string(access.OrgEdit), object: "org:" + o.ID, region: was.Region, org: was.Path, before: was, after: o}
	if !by.can(access.OrgEdit, was.object()) || !by.can(access.OrgEdit, access.Object{Region: o.Region, Org: was.Path}) {
		return out, c, ErrRefused
	}
	tag, err := tx.Exec(ctx, `update identity.org set uscc = nullif($2, ''), name = $3, kind = $4, region = $5, version = version + 1, updated = now()
		where id::text = $1 and version = $6`, o.ID, o.USCC, o.Name, o.Kind, o.Region, o.Version)
	if err != nil {
		return out, c, err
	}
	if tag.RowsAffected() == 0 {
		return out, c, ErrConflict
	}
	out, err = d.org(ctx, tx, o.ID)
	c.after = out
	return out, c, err
}

var regionForm = regexp.MustCompile(`^[0-9A-Z]{0,15}$`)

func checkOrg(o Org) error {
	if strings.TrimSpace(o.Name) == "" || len(o.Name) > 200 {
		return wrong("name", o.Name, "missing", "请填写机构名称（200 字节以内） / a name of at most 200 bytes is needed", "昆山市大数据局")
	}
	if o.USCC != "" {
		if err := codes.CheckCredit(o.USCC); err != nil {
			return wrong("uscc", o.USCC, "check-digit", "统一社会信用代码不正确 / not a unified social credit code: "+err.Error(), "18 characters, GB 32100-2015")
		}
	}
	if !regionForm.MatchString(o.Region) {
		return wrong("region", o.Region, "form", "区域代码由数字或大写字母组成，至多 15 位 / the code of a region is at most 15 digits or capital letters", "320583100")
	}
	for _, k := range Kinds {
		if k == o.Kind {
			return nil
		}
	}
	return wrong("kind", o.Kind, "unknown", "机构类别不存在 / there is no such kind", strings.Join(Kinds, ", "))
}

// nextPath is a free path under a parent. The parent's row is locked, so that
// two who add at once get two paths.
func nextPath(ctx context.Context, tx pgx.Tx, parent Org) (string, error) {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('identity.org.path' || $1))`, parent.Path); err != nil {
		return "", fmt.Errorf("find a place under %s: %w", parent.Name, err)
	}
	var last *string
	err := tx.QueryRow(ctx, `select max(path) from identity.org where path like $1 and length(path) = $2`,
		parent.Path+"%", len(parent.Path)+4).Scan(&last)
	if err != nil {
		return "", fmt.Errorf("find a place under %s: %w", parent.Name, err)
	}
	n := int64(1)
	if last != nil {
		if n, err = strconv.ParseInt((*last)[len(parent.Path):], 36, 64); err != nil {
			return "", fmt.Errorf("find a place under %s: %w", parent.Name, err)
		}
		n++
	}
	label := strings.ToUpper(strconv.FormatInt(n, 36))
	if len(label) > 4 {
		return "", fmt.Errorf("no more room under %s", parent.Name)
	}
	return parent.Path + strings.Repeat("0", 4-len(label)) + label, nil
}

// change runs fn in a transaction and logs what it did. What it was refused is
// logged too.
func (d *Directory) change(ctx context.Context, by By, fn func(tx pgx.Tx) (change, error)) error {
	var c change
	err := pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) (err error) {
		if c, err = fn(tx); err != nil {
			return err
		}
		return d.record(ctx, tx, by, c, audit.Done)
	})
	if errors.Is(err, ErrRefused) {
		return d.refuse(ctx, by, c)
	}
	if err != nil {
		if field := explain(err); field != nil {
			return field
		}
		return fmt.Errorf("%s: %w", c.action, err)
	}
	return nil
}
