package identity

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"onecity/gov/identity/access"

	"github.com/jackc/pgx/v5"
)

const personColumns = `p.id::text, p.login, p.name, p.phone, p.email, p.org::text, o.path, o.name, p.post, p.state, p.version, p.updated, o.region`

const personFrom = ` from identity.person p join identity.org o on o.id = p.org `

// seated is a person with the region of their organisation.
type seated struct {
	Person
	region string
}

func (s seated) object() access.Object { return access.Object{Region: s.region, Org: s.Path} }

func scanPerson(row pgx.CollectableRow) (s seated, err error) {
	p := &s.Person
	err = row.Scan(&p.ID, &p.Login, &p.Name, &p.Phone, &p.Email, &p.Org, &p.Path, &p.OrgIs, &p.Post, &p.State, &p.Version, &p.Updated, &s.region)
	return s, err
}

// PersonFilter narrows a list of people; the zero filter takes all who have
// not left.
type PersonFilter struct {
	Under string // path of the organisation
	Query string // part of name, login or phone
	State string // "" is all but left
	After string // login after which the page begins
	Limit int
}

// People lists those that by may view, by login.
func (d *Directory) People(ctx context.Context, by By, f PersonFilter) ([]Person, error) {
	reach, args := by.where(access.PersonView, "o.region", "o.path")
	n := len(args)
	sql := `select ` + personColumns + personFrom + `where ` + reach + fmt.Sprintf(`
		and o.path like $%d and (p.name ilike $%d or p.login ilike $%d or p.phone ilike $%d) and p.login > $%d
		and case when $%d = '' then p.state <> 'left' else p.state = $%d end
		order by p.login limit $%d`, n+1, n+2, n+2, n+2, n+3, n+4, n+4, n+5)
	args = append(args, like(f.Under)+"%", "%"+like(f.Query)+"%", f.After, f.State, limit(f.Limit))
	people, err := list(ctx, d, by.scope(access.PersonView), "list people", sql, args, scanPerson)
	if err != nil {
		return nil, err
	}
	out := make([]Person, len(people))
	for i, p := range people {
		out[i] = p.Person
	}
	return out, nil
}

// Person finds one that by may view; everybody may view themselves.
func (d *Directory) Person(ctx context.Context, by By, id string) (Person, error) {
	p, err := d.person(ctx, d.pool, `p.id::text = $1`, id)
	if err == nil && p.Subject() != by.Subject && !by.can(access.PersonView, p.object()) {
		err = fmt.Errorf("person %s: %w", id, ErrNotFound)
	}
	return p.Person, err
}

// ByLogin finds a person by login, for signing in; ErrNotFound when there is
// none.
func (d *Directory) ByLogin(ctx context.Context, login string) (Person, error) {
	p, err := d.person(ctx, d.pool, `p.login = $1`, strings.ToLower(strings.TrimSpace(login)))
	return p.Person, err
}

func (d *Directory) person(ctx context.Context, q querier, where, arg string) (seated, error) {
	rows, err := q.Query(ctx, `select `+personColumns+personFrom+`where `+where, arg)
	if err != nil {
		return seated{}, fmt.Errorf("find person %s: %w", arg, err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPerson)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return seated{}, fmt.Errorf("find person %s: %w", arg, err)
	}
	return p, nil
}

// AddPerson puts a person in; ID, Path and Version are set by the directory.
// They have no right and no password yet.
func (d *Directory) AddPerson(ctx context.Context, by By, p Person, made bool) (Person, error) {
	p.Login = strings.ToLower(strings.TrimSpace(p.Login))
	if err := checkPerson(p); err != nil {
		return Person{}, err
	}
	var out seated
	err := d.change(ctx, by, func(tx pgx.Tx) (c change, err error) {
		out, c, err = d.addPerson(ctx, tx, by, p, made)
		return c, err
	})
	return out.Person, err
}

func (d *Directory) addPerson(ctx context.Context, tx pgx.Tx, by By, p Person, made bool) (out seated, c change, err error) {
	o, err := d.org(ctx, tx, p.Org)
	if err != nil {
		return out, c, wrong("org", p.Org, "unknown", "机构不存在 / there is no such organisation", "")
	}
	c = change{action: string(access.PersonEdit), object: "person:", region: o.Region, org: o.Path, after: p}
	if !by.can(access.PersonEdit, o.object()) {
		return out, c, ErrRefused
	}
	var id string
	err = tx.QueryRow(ctx, `insert into identity.person (login, name, phone, email, org, post, made)
		values ($1, $2, $3, $4, $5::uuid, $6, $7) returning id::text`, p.Login, p.Name, p.Phone, p.Email, o.ID, p.Post, made).Scan(&id)
	if err != nil {
		return out, c, err
	}
	out, err = d.person(ctx, tx, `p.id::text = $1`, id)
	c.object, c.after = out.Subject(), out.Person
	return out, c, err
}

// EditPerson changes name, phone, email, organisation, post and state; Version
// must be the one that was read. Who is locked or has left may do nothing from
// that moment on. To change a person one must be able to master all that they
// hold (MastersSubject).
func (d *Directory) EditPerson(ctx context.Context, by By, p Person) (Person, error) {
	if err := checkPerson(p); err != nil {
		return Person{}, err
	}
	var out seated
	err := d.change(ctx, by, func(tx pgx.Tx) (c change, err error) {
		out, c, err = d.editPerson(ctx, tx, by, p)
		return c, err
	})
	return out.Person, err
}

func (d *Directory) editPerson(ctx context.Context, tx pgx.Tx, by By, p Person) (out seated, c change, err error) {
	was, err := d.person(ctx, tx, `p.id::text = $1`, p.ID)
	if err != nil {
		return out, c, err
	}
	c = change{action: string(access.PersonEdit), object: was.Subject(), region: was.region, org: was.Path, before: was.Person, after: p}
	o, err := d.org(ctx, tx, p.Org)
	if err != nil {
		return out, c, wrong("org", p.Org, "unknown", "机构不存在 / there is no such organisation", "")
	}
	may, err := masters(ctx, tx, by, was)
	if err != nil {
		return out, c, err
	}
	if !may || !by.can(access.PersonEdit, o.object()) {
		return out, c, ErrRefused
	}
	tag, err := tx.Exec(ctx, `update identity.person set name = $2, phone = $3, email = $4, org = $5::uuid, post = $6, state = $7,
		version = version + 1, updated = now() where id::text = $1 and version = $8`,
		p.ID, p.Name, p.Phone, p.Email, o.ID, p.Post, p.State, p.Version)
	if err != nil {
		return out, c, err
	}
	if tag.RowsAffected() == 0 {
		return out, c, ErrConflict
	}
	out, err = d.person(ctx, tx, `p.id::text = $1`, p.ID)
	c.after = out.Person
	return out, c, err
}

// Masters reports whether by may take the person's credentials into its hands.
// It fails with ErrNotFound when there is no such person.
func (d *Directory) Masters(ctx context.Context, by By, id string) (Person, bool, error) {
	p, err := d.person(ctx, d.pool, `p.id::text = $1`, id)
	if err != nil {
		return Person{}, false, err
	}
	may, err := masters(ctx, d.pool, by, p)
	return p.Person, may, err
}

// MastersApp reports whether by may take the credentials of the application of
// that subject ("app:…") into its hands.
func (d *Directory) MastersApp(ctx context.Context, by By, subject string) (bool, error) {
	return MastersSubject(ctx, d.pool, by, subject)
}

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,63}$`)

func checkPerson(p Person) error {
	if !loginForm.MatchString(p.Login) {
		return wrong("login", p.Login, "form", "登录名只含小写字母、数字、点和连字符 / a login is 2–64 small letters, digits, points and hyphens", "wang.operator")
	}
	if strings.TrimSpace(p.Name) == "" || len(p.Name) > 100 {
		return wrong("name", p.Name, "missing", "请填写姓名（100 字节以内） / a name of at most 100 bytes is needed", "王敏")
	}
	switch p.State {
	case "", "active", "locked", "left":
		return nil
	}
	return wrong("state", p.State, "unknown", "状态不存在 / there is no such state", "active, locked, left")
}
