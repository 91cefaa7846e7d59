package web

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"onecity/web/problem"
)

// guard keeps other sites out: a Host that is not ours (DNS rebinding), and
// writes from pages of other origins (cross-site request forgery).
func (s *Server) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	for _, o := range s.opt.Origins {
		// A wrong origin was refused by New.
		_ = cross.AddTrustedOrigin(o)
	}
	// Other origins' pages fetch tokens here. A cookie counts for nothing there.
	cross.AddInsecureBypassPattern("/oidc/")
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		problem.New(http.StatusForbidden, "不接受其他网站的写入 / writes from pages of other origins are refused").Write(w)
	}))
	protected := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.ownHost(r.Host) {
			problem.New(http.StatusMisdirectedRequest, "本服务器不以此主机名提供服务 / this server does not go by that name: "+r.Host).Write(w)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// hostOf is the name or address of a Host header, without brackets.
func hostOf(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// ownHost reports whether the server goes by that name: a loopback one, or one
// of the options.
func (s *Server) ownHost(hostport string) bool {
	host := hostOf(hostport)
	if host == "localhost" || slices.Contains(s.opt.Hosts, host) {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// originAllowed is the check of a WebSocket's Origin: none (a program), the
// page's own, or one of the options.
func (s *Server) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(s.opt.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}
