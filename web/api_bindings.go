package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/web/problem"
)

// nodeBody is a subtree.
type nodeBody struct {
	Axis string `json:"axis" enum:"region,org"`
	Code string `json:"code" maxLength:"64" doc:"区域代码或机构路径，空为全部 Code of a region or path of an organisation; empty is the whole tree"`
	Name string `json:"name,omitempty"`
}

func (n nodeBody) node() access.Node {
	if n.Axis == "org" {
		return access.Node{Axis: access.ByOrg, Code: n.Code}
	}
	return access.Node{Axis: access.ByRegion, Code: n.Code}
}

// nodeOf is a subtree with its name.
func (s *Server) nodeOf(ctx context.Context, n access.Node) nodeBody {
	b := nodeBody{Axis: "region", Code: n.Code}
	if n.Axis == access.ByOrg {
		b.Axis = "org"
		b.Name = s.directory().OrgName(ctx, n.Code)
		return b
	}
	b.Name = s.regionName(n.Code)
	return b
}

type bindingBody struct {
	ID        string     `json:"id"`
	Subject   string     `json:"subject"`
	Name      string     `json:"name,omitempty"`
	Role      string     `json:"role"`
	On        nodeBody   `json:"on"`
	From      *time.Time `json:"from,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	Why       string     `json:"why,omitempty"`
	GrantedBy string     `json:"granted_by,omitempty"`
	Granted   *time.Time `json:"granted,omitempty"`
}

func (s *Server) bindingOf(ctx context.Context, b access.Binding) bindingBody {
	return bindingBody{ID: b.ID, Subject: b.Subject, Role: b.Role, On: s.nodeOf(ctx, b.On), From: timeOrNil(b.From), Until: timeOrNil(b.Until)}
}

func (s *Server) bindingRoutes() {
	d := s.directory()
	get(s, signedIn, "/api/v1/roles", "listRoles", "identity", "角色 Roles, with what they may do",
		func(ctx context.Context, _ *struct{}) (*answered[listed[access.Role]], error) {
			roles, err := d.Roles(ctx)
			if err != nil {
				return nil, s.failed(ctx, "list roles", err)
			}
			return paged(roles, 0, nil), nil
		})
	type query struct {
		Subject string `query:"subject" maxLength:"128"`
		Role    string `query:"role" maxLength:"64"`
		Axis    string `query:"axis" enum:"region,org"`
		Under   string `query:"under" maxLength:"64" doc:"在此及以下的授权 Those on this subtree or inside it; with axis"`
		After   string `query:"after" maxLength:"64"`
		Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	}
	get(s, signedIn, "/api/v1/bindings", "listBindings", "identity", "授权列表 Bindings that the caller may view, and its own",
		func(ctx context.Context, q *query) (*answered[listed[bindingBody]], error) {
			f := identity.BindingFilter{Subject: q.Subject, Role: q.Role, After: q.After, Limit: q.Limit}
			if q.Axis != "" {
				n := nodeBody{Axis: q.Axis, Code: q.Under}.node()
				f.On = &n
			}
			bs, err := d.Bindings(ctx, by(ctx, ""), f)
			if err != nil {
				return nil, s.failed(ctx, "list bindings", err)
			}
			out := make([]bindingBody, len(bs))
			for i, b := range bs {
				out[i] = s.bindingOf(ctx, b.Binding)
				out[i].Name, out[i].Why, out[i].GrantedBy, out[i].Granted = b.Name, b.Why, b.GrantedBy, &b.Granted
			}
			return paged(out, q.Limit, func(b bindingBody) string { return b.ID }), nil
		})
	type grant struct {
		Body struct {
			Subject string    `json:"subject" maxLength:"128"`
			Role    string    `json:"role" maxLength:"64"`
			On      nodeBody  `json:"on"`
			From    time.Time `json:"from,omitempty"`
			Until   time.Time `json:"until,omitempty"`
			Why     string    `json:"why" maxLength:"500" doc:"授权理由 The reason"`
		}
	}
	do(s, signedIn, http.MethodPost, "/api/v1/bindings", "grant", "identity", "授权 Give a role on a subtree",
		func(ctx context.Context, in *grant) (*answered[bindingBody], error) {
			b := access.Binding{Subject: in.Body.Subject, Role: in.Body.Role, On: in.Body.On.node(), From: in.Body.From, Until: in.Body.Until}
			if b.From.IsZero() {
				b.From = time.Now()
			}
			given, err := d.Grant(ctx, by(ctx, in.Body.Why), b)
			if err != nil {
				return nil, s.failed(ctx, "give a role", err)
			}
			return &answered[bindingBody]{s.bindingOf(ctx, given)}, nil
		})
	type revoke struct {
		ID  string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		Why string `query:"why" maxLength:"500" doc:"撤销理由 The reason"`
	}
	do(s, signedIn, http.MethodDelete, "/api/v1/bindings/{id}", "revoke", "identity", "撤销授权 Take a role back",
		func(ctx context.Context, in *revoke) (*struct{}, error) {
			if err := d.Revoke(ctx, by(ctx, in.Why), in.ID); err != nil {
				return nil, s.failed(ctx, "take a role back", err)
			}
			return nil, nil
		})
	s.whyRoutes()
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// objectNamed finds what "region:320583", "org:…", "person:…", "device:…",
// "unit:…" and "incident:…" name, as rights see it.
//
// sees reports whether a scope holds it, for things of the city model: a right
// to view does not show layers that the role lacks.
func (s *Server) objectNamed(ctx context.Context, name string) (o access.Object, sees func(cim.Scope) bool, p *problem.Problem) {
	kind, id, _ := strings.Cut(name, ":")
	scope := s.city.Snapshot().In(ScopeOf(requestOf(ctx)))
	switch kind {
	case "region":
		return access.Object{Region: id, NoOrg: true}, always, nil
	case "org":
		if o, err := s.directory().Org(ctx, by(ctx, ""), id); err == nil {
			return access.Object{Region: o.Region, Org: o.Path}, always, nil
		}
	case "person":
		if o, err := s.directory().ObjectOfPerson(ctx, by(ctx, ""), id); err == nil {
			return o, always, nil
		}
	case "device":
		if v, ok := scope.Device(id); ok {
			return access.Object{Region: string(v.Region), Grade: uint8(v.Grade), NoOrg: true}, within(cim.LayerDevices, v.Region, v.Grade), nil
		}
	case "unit":
		if v, ok := scope.Unit(id); ok {
			return access.Object{Region: string(v.Region), Grade: uint8(v.Grade), NoOrg: true}, within(cim.LayerUnits, v.Region, v.Grade), nil
		}
	case "incident":
		if v, ok := scope.Incident(id); ok {
			return access.Object{Region: string(v.Region), Grade: uint8(v.Grade), NoOrg: true}, within(cim.LayerIncidents, v.Region, v.Grade), nil
		}
	}
	return access.Object{}, nil, noSuchObject(name)
}

func noSuchObject(name string) *problem.Problem {
	return problem.New(http.StatusUnprocessableEntity, "对象不存在或不可见 / no such object, or not for you to see",
		ingest.Problem{Field: "query/object", Value: ingest.Shorten(name), Code: "unknown", Message: "对象不存在 / no such object",
			Expected: "region:320583100, org:…, person:…, device:…, unit:… or incident:…"})
}

func always(cim.Scope) bool { return true }

func within(l cim.Layer, region geo.Code, g cim.Grade) func(cim.Scope) bool {
	return func(scope cim.Scope) bool { return scope.Sees(l, region, g) }
}
