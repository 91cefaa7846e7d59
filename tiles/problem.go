package tiles

import (
	"encoding/json"
	"net/http"
)

// problem is an RFC 9457 problem detail.
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Errors []problemField `json:"errors,omitempty"`
}

type problemField struct {
	Item     int    `json:"item"`
	Field    string `json:"field"`
	Value    string `json:"value,omitempty"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Expected string `json:"expected,omitempty"`
}

func (p problem) write(w http.ResponseWriter) {
	if p.Type == "" {
		p.Type = "about:blank"
	}
	p.Title = http.StatusText(p.Status)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the reader has gone when this fails
}

func notReady(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	problem{Status: http.StatusServiceUnavailable, Detail: "the city is still being read; ask again in a second"}.write(w)
}
