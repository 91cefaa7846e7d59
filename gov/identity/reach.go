package identity

import "onecity/gov/identity/access"

// Can reports whether by may do a to o; the program itself may do everything.
func (by By) Can(a access.Action, o access.Object) bool { return by.can(a, o) }

// Where is the condition of a query that holds for what by may do a to, with
// its arguments $1 and on: region and org are the columns of the object's
// codes. It agrees with Can.
func (by By) Where(a access.Action, region, org string) (sql string, args []any) {
	return by.where(a, region, org)
}

// Like makes a text match itself in a LIKE pattern.
func Like(s string) string { return like(s) }
