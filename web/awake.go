package web

import (
	"net/http"
	"strings"

	"onecity/web/problem"
)

// awake lets nothing in before the city is open: until the model has caught up
// with its stream every device and unit is unknown, and until its first content
// is there no place can be checked. Reading is served from the start.
func (s *Server) awake(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if writes(r) {
			select {
			case <-s.Open:
			default:
				w.Header().Set("Retry-After", "1")
				problem.New(http.StatusServiceUnavailable, "城市模型正在恢复，请稍后重试 / the model is catching up, try again in a second").Write(w)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// writes reports whether r brings facts in; a unit's line is a GET that does.
func writes(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return strings.HasPrefix(r.URL.Path, "/ws/units/")
	}
	return true
}
