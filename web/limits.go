package web

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onecity/web/limit"
	"onecity/web/problem"
)

// limited takes each request off its sender's budget.
func (s *Server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		class, who, kind := payer(CallerOf(r), r)
		if wait, ok := s.limits.Take(class, who, kind); !ok {
			tooMany(wait).Write(retryAfter(w, wait))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// payer says whose budget a request goes on, and which.
func payer(c Caller, r *http.Request) (limit.Class, string, limit.Kind) {
	kind := costOf(r)
	switch {
	case c.ID == "" || c.Pending != "" || kind == limit.SignIn:
		return limit.Nobody, limit.Address(address(r)), kind
	case c.Device != "":
		return limit.Device, c.ID, kind
	case strings.HasPrefix(c.ID, "person:"):
		return limit.Person, c.ID, kind
	}
	return limit.Program, c.ID, kind
}

func costOf(r *http.Request) limit.Kind {
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, "/api/v1/sign-in"):
		return limit.SignIn
	case path == "/ws" || strings.HasPrefix(path, "/ws/"):
		return limit.Socket
	case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions:
		return limit.Write
	case strings.HasPrefix(path, "/tiles/"):
		return limit.Tile
	}
	return limit.Read
}

// errTooMany: the answer has been given.
var errTooMany = errors.New("too many wrong credentials")

// who is Who, which an address that has shown too many wrong credentials has
// to wait for: looking them up is what costs.
func (s *Server) who(w http.ResponseWriter, r *http.Request) (Caller, error) {
	if !shows(r) {
		return s.Who(r)
	}
	from := limit.Address(address(r))
	if wait, ok := s.limits.Left(limit.Nobody, from, limit.Wrong); !ok {
		tooMany(wait).Write(retryAfter(w, wait))
		return Caller{}, errTooMany
	}
	c, err := s.Who(r)
	if err != nil && wrong(err) {
		s.limits.Take(limit.Nobody, from, limit.Wrong)
	}
	return c, err
}

// shows reports whether a request says who sends it. A page and its files come
// with an old cookie each morning; that is nothing wrong.
func shows(r *http.Request) bool {
	// As Who reads it: "api%5Fkey" is one too.
	return r.Header.Get("Authorization") != "" || r.URL.RawQuery != "" && r.URL.Query().Has("api_key") ||
		r.Header.Get("Cookie") != "" && strings.HasPrefix(r.URL.Path, "/api/")
}

func tooMany(wait time.Duration) *problem.Problem {
	return problem.New(http.StatusTooManyRequests, "请求过于频繁，请在 "+seconds(wait)+" 秒后再试 / too many requests, come again in "+seconds(wait)+" s")
}

func retryAfter(w http.ResponseWriter, wait time.Duration) http.ResponseWriter {
	w.Header().Set("Retry-After", seconds(wait))
	return w
}

func seconds(d time.Duration) string { return strconv.Itoa(int(max(1, math.Ceil(d.Seconds())))) }
