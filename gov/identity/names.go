package identity

import (
	"context"
	"strings"

	"onecity/gov/identity/access"
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
