package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/gov/identity/signin"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

// Caller is who sends a request. The zero Caller is nobody.
type Caller struct {
	// ID is the subject: "person:…", "app:…", "device:…"; "" is nobody.
	ID   string
	Name string
	// Session is a person's; From the address that the request comes from.
	Session string
	From    string
	// Device is the id of the device or unit that speaks for itself.
	Device string
	// Rights are what the subject holds now; nil is nothing.
	Rights *access.Subject
	// Scope is what the caller may see of the city.
	Scope cim.Scope
	// Pending is what a person must still do before anything else is served:
	// "totp", "password", "enrol"; "" is nothing.
	Pending string
	// signed is a person's session.
	signed *signin.Session
	token  string // a program's
}

// Who finds out who sends a request. An error means that it shows credentials
// and they are wrong, or right no longer; a request without any is nobody's.
type Who func(*http.Request) (Caller, error)

type callerKey struct{}

// CallerOf is who sends r.
func CallerOf(r *http.Request) Caller { return callerIn(r.Context()) }

func callerIn(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// may reports whether the caller may do a anywhere. A device may speak for
// itself; that it does not speak for others is checked fact by fact.
func (c Caller) may(a access.Action) bool {
	switch {
	case c.Pending != "":
		return false
	case c.Device != "":
		return a == access.ObservationPut || a == access.UnitMove
	case a == signedIn:
		return c.ID != ""
	}
	return c.Rights.CanSomewhere(a)
}

// What a route needs, beside the actions of package access. A route must say
// what it needs: the zero value is a mistake.
const (
	public   access.Action = "public"   // nothing: health, sign-in, the front end's files
	signedIn access.Action = "signedin" // to be somebody
)

// asHeader names whose a request is. A phone that was without a line sends what
// one person has done; when another has signed in on it meanwhile, it must not go
// under their name.
const asHeader = "OneCity-Subject"

// identify puts the Caller into the request's context. Wrong credentials end
// the request here, except where they do not matter.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := s.who(w, r)
		if errors.Is(err, errTooMany) {
			return
		}
		switch {
		case err == nil:
		case !wrong(err):
			w.Header().Set("Retry-After", "2")
			s.failed(r.Context(), "find out who is asking", err).Write(w)
			return
		case forgives(r.URL.Path):
			c = Caller{} // an old cookie: whoever it was may sign in again
		default:
			unauthorised(w, "凭证无效或已失效 / the credentials are wrong or no longer valid")
			return
		}
		if as := r.Header.Get(asHeader); as != "" && as != c.ID {
			unauthorised(w, "此请求属于另一个人 / this request is of somebody else")
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
	})
}

// wrong reports whether an error of Who says that the credentials are not good,
// and not that nobody could tell: then the caller has done nothing wrong.
func wrong(err error) bool {
	p := refuse(err)
	return errors.Is(err, errCredentials) || p != nil && p.Status == http.StatusUnauthorized
}

// forgives reports whether wrong credentials are as good as none at p: pages,
// which lead to the sign-in, and the sign-in itself.
func forgives(p string) bool {
	return strings.HasPrefix(p, "/api/v1/sign-") || !strings.HasPrefix(p, "/api/") && !strings.HasPrefix(p, "/ws") &&
		!strings.HasPrefix(p, "/tiles/") && !strings.HasPrefix(p, "/open311/")
}

// needs lets through who may do a somewhere; what they may do it to is for the
// handler to check.
func (s *Server) needs(a access.Action, h http.HandlerFunc) http.HandlerFunc {
	if a == "" {
		panic("a route does not say what it needs")
	}
	if a == public {
		return h
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if c := CallerOf(r); !c.may(a) {
			denied(c, a).Write(refusing(w, c))
			return
		}
		h(w, r)
	}
}

// denied is the answer to a caller who may not.
func denied(c Caller, a access.Action) *problem.Problem {
	switch {
	case c.ID == "":
		return problem.New(http.StatusUnauthorized, "请先登录 / sign in first")
	case c.Pending != "":
		return problem.New(http.StatusForbidden, "请先完成登录："+c.Pending+" / finish signing in first: "+c.Pending)
	}
	return problem.New(http.StatusForbidden, "没有权限 / you may not do this: "+string(a))
}

// refusing adds how to show who one is to the answer to nobody.
func refusing(w http.ResponseWriter, c Caller) http.ResponseWriter {
	if c.ID == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="OneCity"`)
	}
	return w
}

// challenged is a 401 of huma's operations with how to show who one is, which
// belongs to it (RFC 9110, section 15.5.2).
func challenged(p *problem.Problem) error {
	return huma.ErrorWithHeaders(p, http.Header{"WWW-Authenticate": {`Bearer realm="OneCity"`}})
}

func unauthorised(w http.ResponseWriter, detail string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="OneCity", error="invalid_token"`)
	problem.New(http.StatusUnauthorized, detail).Write(w)
}

// page serves one of the front end's addresses to who is signed in, and leads
// others to the sign-in, from where they come back.
func (s *Server) page(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c := CallerOf(r); c.ID == "" || c.Pending != "" {
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return
		}
		h(w, r)
	}
}
