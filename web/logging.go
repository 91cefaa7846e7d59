package web

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"onecity/web/problem"
)

type requestKey struct{}

// requestID is the id that the log and the X-Request-Id header give a request.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// newRequestID takes the sender's own id when it is short and printable.
func newRequestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); id != "" && len(id) <= 64 && printable(id) {
		return id
	}
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// observed is the outermost handler: it gives a request its id, measures and
// logs it, and makes a problem of a panic.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := newRequestID(r)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		w.Header().Set("X-Request-Id", id)
		a := &answer{ResponseWriter: w}
		s.metrics.inFlight.Inc()
		defer func() {
			s.metrics.inFlight.Dec()
			if p := recover(); p != nil {
				s.panicked(a, r, p)
			}
			took := time.Since(start)
			s.metrics.request(r, a.status(), took)
			s.record(r, a, took)
		}()
		next.ServeHTTP(a, r)
	})
}

func (s *Server) panicked(a *answer, r *http.Request, p any) {
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p) // the handler's wish: no answer, no line in the log
	}
	s.metrics.panics.Inc()
	s.log.Error("a handler panicked", "panic", p, "method", r.Method, "path", r.URL.Path,
		"request", requestID(r.Context()), "stack", string(debug.Stack()))
	if a.code == 0 {
		fault := problem.New(http.StatusInternalServerError, "服务器出错，已记录 / the server failed; it is in its log")
		fault.Instance = "urn:onecity:request:" + requestID(r.Context())
		fault.Write(a)
	}
}

// record logs a request: what failed loudest, what repeats quietly.
func (s *Server) record(r *http.Request, a *answer, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case r.URL.Path == "/readyz": // a question that may be answered no
		level = slog.LevelDebug
	case a.status() >= 500:
		level = slog.LevelError
	case r.Method == http.MethodGet && a.status() < 400,
		strings.HasPrefix(r.URL.Path, "/api/v1/observations"), strings.HasPrefix(r.URL.Path, "/api/v1/positions"):
		level = slog.LevelDebug
	}
	s.log.LogAttrs(r.Context(), level, "request",
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", a.status()),
		slog.Int64("bytes", a.bytes), slog.Duration("took", took),
		slog.String("request", requestID(r.Context())), slog.String("from", r.RemoteAddr))
}

// answer notes what is answered.
type answer struct {
	http.ResponseWriter
	code  int
	bytes int64
}

func (a *answer) status() int {
	if a.code == 0 {
		return http.StatusOK
	}
	return a.code
}

func (a *answer) WriteHeader(code int) {
	if a.code == 0 && code >= 200 {
		a.code = code
	}
	a.ResponseWriter.WriteHeader(code)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.code == 0 {
		a.code = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Hijack is what the WebSocket upgrader asks for.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.code = http.StatusSwitchingProtocols
	return http.NewResponseController(a.ResponseWriter).Hijack()
}
