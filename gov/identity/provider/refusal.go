package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"onecity/gov/identity"
	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// watched serves a request and writes into the log when it is refused.
func (p *Provider) watched(w http.ResponseWriter, r *http.Request, action string, h http.Handler) {
	seen := &peek{ResponseWriter: w}
	h.ServeHTTP(seen, r)
	if code, text, refused := seen.refusal(); refused {
		p.refused(r, action, code, text)
	}
}

// peek remembers an answer that says no.
type peek struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader adds how to prove oneself to an answer that asks for it.
func (w *peek) WriteHeader(status int) {
	w.status = status
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="OneCity"`)
	}
	w.ResponseWriter.WriteHeader(status)
}

const maxSaid = 1000 // bytes of a refusal that are logged

func (w *peek) Write(b []byte) (int, error) {
	if room := maxSaid - w.body.Len(); w.status >= http.StatusBadRequest && room > 0 {
		w.body.Write(b[:min(len(b), room)])
	}
	return w.ResponseWriter.Write(b)
}

// refusal is the OAuth error of an answer, in its body or in the address it
// leads to.
func (w *peek) refusal() (code, text string, refused bool) {
	if w.status >= http.StatusMultipleChoices && w.status < http.StatusBadRequest {
		u, err := url.Parse(w.Header().Get("Location"))
		if err != nil {
			return "", "", false
		}
		code := u.Query().Get("error")
		return code, u.Query().Get("error_description"), code != ""
	}
	if w.status < http.StatusBadRequest {
		return "", "", false
	}
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(w.body.Bytes(), &said) != nil || said.Error == "" {
		return http.StatusText(w.status), w.body.String(), true
	}
	return said.Error, said.Description, true
}

// refused writes into the log what an application was refused; it says who it
// is, which it may not be.
func (p *Provider) refused(r *http.Request, action, code, text string) {
	id, _, ok := r.BasicAuth()
	if !ok {
		id = r.FormValue("client_id")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 5*time.Second)
	defer cancel()
	e := audit.Entry{Actor: "nobody", Action: action, Outcome: audit.Refused,
		Detail: told(map[string]any{"grant": plain(r.FormValue("grant_type")), "error": plain(code), "description": plain(text)})}
	a, err := p.app(ctx, p.pool, id, "")
	switch {
	case err == nil:
		e.Actor, e.Object = a.Subject(), a.Subject()
	case errors.Is(err, identity.ErrNotFound):
		err = nil
	}
	if err == nil {
		err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error { return p.write(ctx, tx, a.ID, e) })
	}
	if err != nil {
		p.log.Error("what was refused could not be logged", "action", action, "error", err)
	}
}

// plain is a text that the log takes.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, s)
	return s[:min(len(s), maxSaid)]
}
