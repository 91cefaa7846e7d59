package identity

import (
	"context"
	"fmt"

	"onecity/gov/identity/access"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

// guarded are the tables that lists are read from, with the condition that a
// row is visible: the second wall, for where a list's own condition (where,
// whereNode) was forgotten. What changes the directory, and what compiles the
// rights, is not bound.
func guarded() []database.Guarded {
	return []database.Guarded{
		{Table: "identity.org", Sees: database.Within("region", "path")},
		{Table: "identity.binding", Sees: "axis = 'region' and code like any ((select scope.nodes('region'))::text[])" +
			" or axis = 'org' and code like any ((select scope.nodes('org'))::text[]) or " + database.Own("subject")},
		// Lists of bindings name who holds them, wherever they work.
		{Table: "identity.person", Sees: "exists (select from identity.org o where o.id = person.org)" +
			" or (select scope.holders()) and exists (select from identity.binding b where b.subject = 'person:' || person.id)" +
			" or " + database.Own("('person:' || id)")},
		{Table: "identity.responsibility", Sees: "exists (select from identity.org o where o.id = responsibility.org)"},
	}
}

// scope is where by may do a, as the second wall knows it.
func (by By) scope(a access.Action) database.Scope {
	if by.Subject == "system" {
		return database.Scope{Regions: []string{""}, Orgs: []string{""}, Holders: true}
	}
	s := database.Scope{Self: by.Subject}
	for _, n := range by.Rights.Nodes(a) {
		if n.Axis == access.ByRegion {
			s.Regions = append(s.Regions, n.Code)
		} else {
			s.Orgs = append(s.Orgs, n.Code)
		}
	}
	return s
}

// list asks a query behind the second wall, for what by may do a to.
func list[T any](ctx context.Context, d *Directory, s database.Scope, what, sql string, args []any, row pgx.RowToFunc[T]) ([]T, error) {
	rows, err := database.Collect(ctx, d.wall, s, sql, args, row)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return rows, nil
}
