// Package accesstest makes subjects for tests of programs that ask package
// access.
package accesstest

import (
	"time"

	"onecity/gov/identity/access"
)

// Everything is a subject that holds every standard role on the whole of both
// trees.
func Everything(id string) *access.Subject {
	var all []access.Binding
	for _, r := range access.Standard() {
		for _, axis := range []access.Axis{access.ByRegion, access.ByOrg} {
			all = append(all, access.Binding{ID: r.Code, Subject: id, Role: r.Code, On: access.Node{Axis: axis}})
		}
	}
	return Holding(id, all...)
}

// Holding is a subject that holds those bindings, whatever subject they name.
func Holding(id string, bindings ...access.Binding) *access.Subject {
	for i := range bindings {
		bindings[i].Subject = id
	}
	table, err := access.Compile(access.Standard(), bindings, time.Now())
	if err != nil {
		panic(err) // a test that names a role that is not there
	}
	return table.Subject(id)
}
