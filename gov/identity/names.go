package identity

import (
	"context"
	"strings"

	"onecity/gov/identity/access"

	"github.com/jackc/pgx/v5"
)

// OrgName is the name of the organisation with that path; "" when there is
// none. The empty path is the whole tree.
func (d *Directory) OrgName(ctx context.Context, path string) string {
	var name string
	// A name that cannot be read is a name that is not shown.
	_ = d.pool.QueryRow(ctx, `select name from identity.org where path = $1`, path).Scan(&name)
	return name
}

// SubjectName is the name of a person; of others the subject itself.
func (d *Directory) SubjectName(ctx context.Context, subject string) string {
	id, ok := strings.CutPrefix(subject, "person:")
	if !ok {
		return subject
	}
	name := subject
	_ = d.pool.QueryRow(ctx, `select name from identity.person where id::text = $1`, id).Scan(&name)
	return name
}

// Title is what a person is called and the post 岗位 they hold.
type Title struct{ Name, Post string }

// Titles are those of the people among the subjects.
func (d *Directory) Titles(ctx context.Context, subjects []string) map[string]Title {
	var ids []string
	for _, s := range subjects {
		if id, ok := strings.CutPrefix(s, "person:"); ok {
			ids = append(ids, id)
		}
	}
	out := make(map[string]Title, len(ids))
	// A name that cannot be read is a name that is not shown.
	rows, err := d.pool.Query(ctx, `select id::text, name, post from identity.person where id::text = any($1)`, ids)
	if err != nil {
		return out
	}
	var id string
	var t Title
	_, _ = pgx.ForEachRow(rows, []any{&id, &t.Name, &t.Post}, func() error {
		out["person:"+id] = t
		return nil
	})
	return out
}

// ObjectOfPerson is a person as rights see it.
func (d *Directory) ObjectOfPerson(ctx context.Context, by By, id string) (access.Object, error) {
	if _, err := d.Person(ctx, by, id); err != nil {
		return access.Object{}, err
	}
	p, err := d.person(ctx, d.pool, `p.id::text = $1`, id)
	return p.object(), err
}

// ObjectName is the name of "person:…" or "org:…"; "" of anything else.
func (d *Directory) ObjectName(ctx context.Context, object string) string {
	if strings.HasPrefix(object, "person:") {
		if name := d.SubjectName(ctx, object); name != object {
			return name
		}
	}
	var name string
	if id, ok := strings.CutPrefix(object, "org:"); ok {
		_ = d.pool.QueryRow(ctx, `select name from identity.org where id::text = $1`, id).Scan(&name)
	}
	return name
}
