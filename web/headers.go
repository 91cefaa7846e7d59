package web

import (
	"net/http"
	"strings"
)

// What a page may load: its own origin and nothing else. Styles may stand in
// elements, because charts and map controls put them there; scripts may not.
const pagePolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'self'; "

// What everything that is no page may load.
const dataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

// secure sets the headers that bound what a browser does with an answer.
func (s *Server) secure(next http.Handler) http.Handler {
	embedders := strings.Join(append([]string{"'self'"}, s.opt.Origins...), " ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		if s.opt.TLS != nil && hasName(r.Host) {
			h.Set("Strict-Transport-Security", "max-age=31536000") // RFC 6797
		}
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(), usb=()")
		switch {
		case strings.HasPrefix(r.URL.Path, "/embed/"):
			h.Set("Content-Security-Policy", pagePolicy+"frame-ancestors "+embedders)
		case strings.HasPrefix(r.URL.Path, "/assets/"), r.URL.Path == serviceWorker:
			// A worker is bound by the policy of its own script, not of its
			// page, and the map's workers fetch tiles.
			h.Set("Content-Security-Policy", pagePolicy+"frame-ancestors 'none'")
		case isPage(r.URL.Path):
			h.Set("Content-Security-Policy", pagePolicy+"frame-ancestors 'none'")
			h.Set("X-Frame-Options", "DENY")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
		default:
			h.Set("Content-Security-Policy", dataPolicy)
		}
		next.ServeHTTP(w, r)
	})
}
