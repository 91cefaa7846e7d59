package identity

import (
	"fmt"
	"strings"

	"onecity/gov/identity/access"
)

// where is a condition that holds for what by may do a to, with its arguments:
// the same subtrees as Table.Can, as prefixes.
func (by By) where(a access.Action, region, org string) (sql string, args []any) {
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
	return fmt.Sprintf("(%s like any($1) or %s like any($2))", region, org), []any{regions, orgs}
}

// like makes a text match itself in a LIKE pattern.
func like(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// maxPage bounds a page of a list.
const maxPage = 1000

func limit(n int) int {
	if n <= 0 {
		return 200
	}
	return min(n, maxPage)
}
