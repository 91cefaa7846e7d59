package web

import (
	"net/http"
	"net/url"
	"strings"

	"onecity/gov/identity/provider"
)

// upstreamPath is where the other provider sends people back to.
const upstreamPath = "/sign-in/upstream/back"

// upstreamRoutes lead people to the OpenID provider that the city has already,
// and take them back.
func (s *Server) upstreamRoutes() {
	if s.Identity == nil || s.Identity.Upstream == nil {
		return
	}
	s.mux.HandleFunc("GET /sign-in/upstream", func(w http.ResponseWriter, r *http.Request) {
		to, bind, err := s.Identity.Upstream.Start(provider.From(r.Context(), address(r)), localPath(r.URL.Query().Get("next")))
		if err != nil {
			s.failed(r.Context(), "ask the upstream sign-in", err).Write(w)
			return
		}
		c := s.Identity.bindCookie(bind, 900)
		http.SetCookie(w, &c)
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
	s.mux.HandleFunc("GET "+upstreamPath, s.arrive)
}

func (s *Server) arrive(w http.ResponseWriter, r *http.Request) {
	ctx := provider.From(r.Context(), address(r))
	gone := s.Identity.bindCookie("", -1)
	http.SetCookie(w, &gone)
	w.Header().Set("Cache-Control", "no-store")
	bind, err := r.Cookie(gone.Name)
	if err != nil {
		http.Redirect(w, r, "/sign-in?failed=upstream", http.StatusSeeOther)
		return
	}
	q := r.URL.Query()
	who, err := s.Identity.Upstream.Finish(ctx, bind.Value, q.Get("code"), q.Get("state"))
	if err == nil {
		session, token, signErr := s.Identity.SignIn.Arrive(ctx, who.Person.ID, who.AMR, address(r), r.UserAgent())
		if err = signErr; err == nil {
			c := s.Identity.cookie(token, 0)
			http.SetCookie(w, &c)
			if session.Pending != "" {
				http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(who.Next), http.StatusSeeOther)
				return
			}
			http.Redirect(w, r, localPath(who.Next), http.StatusSeeOther)
			return
		}
	}
	s.log.InfoContext(ctx, "an upstream sign-in was refused", "error", err)
	http.Redirect(w, r, "/sign-in?failed=upstream", http.StatusSeeOther)
}

// localPath is p when it is a path of this server, and "/" otherwise: nobody is
// led elsewhere by a link to our sign-in.
func localPath(p string) string {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n") {
		return "/"
	}
	return p
}

// bindCookie ties the answer of the other provider to this browser. It must
// come along when that provider leads back, so Lax and not Strict.
func (i *Identity) bindCookie(value string, seconds int) http.Cookie {
	c := i.cookie(value, seconds)
	c.Name += "-upstream"
	return c
}
