package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/gov/identity/provider"
	"onecity/gov/identity/signin"
	"onecity/internal/credentials"
)

// Identity joins the parts that know who people, programs and devices are.
// Its Who is the server's.
type Identity struct {
	Directory *identity.Directory
	SignIn    *signin.Service
	// Upstream is another OpenID provider that people sign in at; nil: there is none.
	Upstream *provider.Upstream
	Devices  *credentials.Store
	// Apps is the OpenID provider, whose access tokens are taken.
	Apps *provider.Provider
	// Secure: the server speaks TLS, so cookies go over TLS only.
	Secure bool

	scopes sync.Map // subject → *scoped
}

// scoped is the city as a subject sees it by one table of rights.
type scoped struct {
	table *access.Table
	scope cim.Scope
}

// errCredentials: what was shown is no credential of ours.
var errCredentials = errors.New("the credentials are not known")

// Who finds the caller by bearer token, device password, key in the query
// (for programs that can send nothing else: Open311, embedded charts) or the
// session's cookie, in this order.
func (i *Identity) Who(r *http.Request) (Caller, error) {
	c, err := i.who(r)
	c.From = address(r)
	return c, err
}

func (i *Identity) who(r *http.Request) (Caller, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		if token, ok := strings.CutPrefix(h, "Bearer "); ok {
			return i.program(r, strings.TrimSpace(token))
		}
		if id, password, ok := r.BasicAuth(); ok && i.Devices != nil && i.Devices.Check(id, password) {
			return Caller{ID: "device:" + id, Name: id, Device: id}, nil
		}
		return Caller{}, errCredentials
	}
	if key := r.URL.Query().Get("api_key"); key != "" && takesKey(r) {
		return i.program(r, key)
	}
	cookie, err := r.Cookie(i.cookieName())
	if err != nil || cookie.Value == "" {
		return Caller{}, nil
	}
	s, err := i.SignIn.Lookup(r.Context(), cookie.Value)
	if err != nil {
		return Caller{}, err
	}
	return i.person(s), nil
}

func (i *Identity) program(r *http.Request, token string) (Caller, error) {
	subject, err := i.holder(r.Context(), token)
	if err != nil {
		return Caller{}, err
	}
	c := i.Subject(subject)
	c.token = token
	return c, nil
}

// holder is the subject of a program's token.
func (i *Identity) holder(ctx context.Context, token string) (subject string, err error) {
	switch {
	case strings.HasPrefix(token, "oc_"):
		return i.SignIn.Check(ctx, token)
	case i.Apps != nil:
		return i.Apps.Verify(ctx, token)
	}
	return "", errCredentials
}

// takesKey reports whether a request may show its token in its address, where
// logs of others may keep it: only reads, and Open311, whose api_key it is.
func takesKey(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead || strings.HasPrefix(r.URL.Path, "/open311/")
}

func (i *Identity) person(s signin.Session) Caller {
	c := i.Subject(s.Subject())
	c.Session, c.Pending, c.signed = s.ID, s.Pending, &s
	return c
}

// Subject is a caller who has shown that it is that subject.
func (i *Identity) Subject(subject string) Caller {
	table := i.Directory.Table()
	return Caller{ID: subject, Name: subject, Rights: table.Subject(subject), Scope: i.scope(table, subject)}
}

// scope is what a subject may see of the city, made once a table.
func (i *Identity) scope(table *access.Table, subject string) cim.Scope {
	if v, ok := i.scopes.Load(subject); ok {
		if s := v.(*scoped); s.table == table {
			return s.scope
		}
	}
	scope := scopeOf(table.Subject(subject))
	i.scopes.Store(subject, &scoped{table, scope})
	return scope
}

// scopeOf is what the rights let their holder see of the city.
func scopeOf(s *access.Subject) cim.Scope {
	var grants []cim.Grant
	for _, reach := range s.Scope(access.CityView) {
		if reach.On.Axis != access.ByRegion {
			continue // the city's things belong to regions, not to organisations
		}
		g := cim.Grant{Region: geo.Code(reach.On.Code), Grade: cim.Grade(reach.Grade)}
		for _, name := range reach.Layers {
			if l, ok := cim.ParseLayer(name); ok {
				g.Layers |= cim.LayersOf(l)
			}
		}
		grants = append(grants, g)
	}
	if len(grants) == 0 {
		return cim.Scope{}
	}
	return cim.Scope{Grants: cim.NewGrants(grants), Layers: cim.AllLayers, Grade: 255}.Only(cim.AllLayers)
}

// again tells later what the sender of r may see then: hub.Options.Again.
func (i *Identity) again(r *http.Request) func() (cim.Scope, bool) {
	c := CallerOf(r)
	return func() (cim.Scope, bool) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		switch {
		case c.signed != nil:
			if s, err := i.SignIn.Alive(ctx, c.Session); err != nil || s.Pending != "" {
				return cim.Scope{}, false
			}
		case c.token != "":
			if _, err := i.holder(ctx, c.token); err != nil {
				return cim.Scope{}, false
			}
		}
		scope := i.Subject(c.ID).Scope
		return scope, scope.Layers != 0
	}
}

// cookieName: a name with __Host- is one that no other host of the same domain
// and no plain connection can set (RFC 6265bis, section 4.1.3.2).
func (i *Identity) cookieName() string {
	if i.Secure {
		return "__Host-onecity"
	}
	return "onecity"
}

func (i *Identity) cookie(token string, seconds int) http.Cookie {
	return http.Cookie{
		Name: i.cookieName(), Value: token, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: i.Secure, SameSite: http.SameSiteLaxMode,
	}
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
