package open311

import (
	"context"
	"net/http"
	"strings"

	"onecity/cim"
	"onecity/ingest"
)

// Media keeps photos; streams.Broker does.
type Media interface {
	PutMedia(ctx context.Context, name, contentType string, body []byte) error
}

// Options of the handler.
type Options struct {
	Gate *ingest.Gate
	// For is the Gate for what the sender of a request may report; nil means
	// everybody may report everywhere.
	For   func(*http.Request) *ingest.Gate
	Media Media
	// Base is the path it is mounted under, without a slash at the end
	// (default "/open311/v2"); MediaBase the one that photos are served under
	// (default "/media/").
	Base, MediaBase string
	// Scope is what the reader of a request may see; nil means everybody sees
	// the whole city's incidents.
	Scope func(*http.Request) cim.Scope
	// By is the subject that sends a request: two may call their reports alike.
	By func(*http.Request) string
	// Owner lets people follow and rate what they reported; nil: nobody can.
	Owner Owner
}

type handler struct {
	Options
	mux *http.ServeMux
}

// New makes the handler.
func New(o Options) http.Handler {
	if o.Base == "" {
		o.Base = "/open311/v2"
	}
	if o.MediaBase == "" {
		o.MediaBase = "/media/"
	}
	if o.For == nil {
		o.For = func(*http.Request) *ingest.Gate { return o.Gate }
	}
	if o.Scope == nil {
		o.Scope = func(*http.Request) cim.Scope { return cim.Whole() }
	}
	h := &handler{Options: o, mux: http.NewServeMux()}
	h.handle("GET", "/discovery", h.discovery)
	h.handle("GET", "/services", h.services)
	h.handle("GET", "/services/{code}", h.service)
	h.handle("POST", "/requests", h.report)
	h.handle("GET", "/requests", h.search)
	h.handle("GET", "/requests/{id}", h.request)
	h.handle("POST", "/requests/{id}/rating", h.rate)
	h.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_, f := split(r.URL.Path)
		reply(w, f, fail(http.StatusNotFound, "没有此地址 / there is nothing at this address"))
	})
	return h
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// handle mounts fn at path, path.json and path.xml. ServeMux has no pattern
// for an extension, so the last element is taken whole and split here.
func (h *handler) handle(method, path string, fn func(*http.Request, string) answer) {
	serve := func(w http.ResponseWriter, r *http.Request) {
		last, f := split(r.URL.Path)
		if !f.known() {
			reply(w, JSON, fail(http.StatusBadRequest, "格式只有 json 和 xml / the formats are json and xml"))
			return
		}
		reply(w, f, fn(r, last))
	}
	pattern := method + " " + h.Base + path
	h.mux.HandleFunc(pattern, serve)
	if strings.HasSuffix(path, "}") {
		return // the wildcard takes the extension with it
	}
	h.mux.HandleFunc(pattern+".json", serve)
	h.mux.HandleFunc(pattern+".xml", serve)
}

// english tells whether the reader asked for English.
func english(r *http.Request) bool {
	return strings.HasPrefix(strings.ToLower(r.URL.Query().Get("locale")), "en")
}
