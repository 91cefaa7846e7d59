package identity

import (
	"onecity/gov/identity/access"
	"onecity/internal/flow"
)

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

// Actor is by as the workflow kernel knows it: what they may do to an item is
// what their rights reach. An item that names an organisation and no region is
// in no region's reach, and one without an organisation in no organisation's.
func (by By) Actor() flow.Actor {
	return flow.Actor{Subject: by.Subject, From: by.From, Session: by.Session, Allow: func(action string, it flow.Item) bool {
		return by.can(access.Action(action), access.Object{Region: it.Region, Org: it.Org, NoRegion: it.Region == "" && it.Org != "", NoOrg: it.Org == ""})
	}}
}
