package web

import (
	"net/http"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest"
	"onecity/web/problem"
)

// ScopeOf is what the sender of a request may see. Every read of the city in
// this package, in the hub, in the tiles and in Open311 starts here. Nobody
// sees nothing.
func ScopeOf(r *http.Request) cim.Scope {
	c := CallerOf(r)
	if c.Pending != "" {
		return cim.Scope{}
	}
	return c.Scope
}

// reader is the city as the sender of r may see it, within region when it is
// not empty.
func (s *Server) reader(r *http.Request, region string) (cim.Reader, *problem.Problem) {
	scope := ScopeOf(r)
	ok := true
	if region != "" {
		scope, ok = scope.Within(geo.Code(region))
	}
	if !ok {
		return cim.Reader{}, problem.New(http.StatusForbidden, "区域不在可见范围 / the region is outside what you may see",
			ingest.Problem{Field: "query/region", Value: ingest.Shorten(region), Code: "outside-scope", Message: "不在可见范围 / outside your scope"})
	}
	return s.city.Snapshot().In(scope), nil
}
