package web

import (
	"net/http"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest"
	"onecity/web/problem"
)

// ScopeOf is what the sender of a request may see. Every read of the city in
// this package, in the hub, in the tiles and in Open311 starts here. Who asks
// is not known yet, and the server listens on loopback only: so it is the
// whole city.
func ScopeOf(*http.Request) cim.Scope { return cim.Whole() }

func (s *Server) scopeOf(r *http.Request) cim.Scope { return ScopeOf(r) }

// reader is the city as the sender of r may see it, within region when it is
// not empty.
func (s *Server) reader(r *http.Request, region string) (cim.Reader, *problem.Problem) {
	scope, ok := s.scopeOf(r).Within(geo.Code(region))
	if !ok {
		return cim.Reader{}, problem.New(http.StatusForbidden, "区域不在可见范围 / the region is outside what you may see",
			ingest.Problem{Field: "query/region", Value: ingest.Shorten(region), Code: "outside-scope", Message: "不在可见范围 / outside your scope"})
	}
	return s.city.Snapshot().In(scope), nil
}
