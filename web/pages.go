package web

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"onecity/ingest"
	"onecity/web/problem"
)

// pages are the front end's own addresses: all are its index.html, which finds
// out by itself what to show. What lies below one of them is its too.
var pages = []string{
	"sign-in", "screen", "embed", "docs", "feeds", "district", "evaluation", "mobile", "dispatch", "field",
	"desk", "alarms", "duty", "orgs", "people", "roles", "apps", "credentials", "audit", "account", "partners", "warnings", "enforce", "command",
}

// isPage reports whether p is an address of the front end.
func isPage(p string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	return p == "/" || slices.Contains(pages, first)
}

func (s *Server) pageRoutes() {
	index := func(w http.ResponseWriter, r *http.Request) { s.file(w, r, "index.html", "no-cache") }
	s.mux.HandleFunc("GET /{$}", s.page(index))
	for _, p := range pages {
		h := s.page(index)
		if p == "sign-in" {
			h = s.signInPage(index)
		}
		s.mux.HandleFunc("GET /"+p, h)
		s.mux.HandleFunc("GET /"+p+"/", h)
	}
	// Files below assets/ carry a hash of their content in their names.
	s.mux.HandleFunc("GET /assets/", func(w http.ResponseWriter, r *http.Request) {
		s.file(w, r, strings.TrimPrefix(path.Clean(r.URL.Path), "/"), "public, max-age=31536000, immutable")
	})
	// What else the build put beside them: an icon, fonts, glyphs of the map.
	if s.App == nil {
		return
	}
	entries, err := fs.ReadDir(s.App, ".")
	if err != nil {
		s.log.Warn("the front end cannot be listed", "error", err)
		return
	}
	for _, e := range entries {
		name := e.Name()
		if name == "assets" || strings.HasPrefix(name, ".") || slices.Contains(pages, name) ||
			strings.HasPrefix(name, "index.html") || strings.ContainsAny(name, "{} ") {
			continue
		}
		pattern, cache := "GET /"+name, "public, max-age=3600"
		if "/"+name == serviceWorker {
			cache = "no-cache" // a new one must take over at the next visit
		}
		if e.IsDir() {
			pattern += "/"
		}
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			s.file(w, r, strings.TrimPrefix(path.Clean(r.URL.Path), "/"), cache)
		})
	}
}

// serviceWorker is the script that lets the pages for outdoors open without a
// line. Like the map's workers it is bound by its own policy.
const serviceWorker = "/sw.js"

// missing answers a person who followed a wrong link with the front end's own
// page for that; programs get a problem.
func (s *Server) missing(w http.ResponseWriter, r *http.Request) {
	page, _, err := s.openFile(&http.Request{Header: http.Header{}}, "index.html")
	if err != nil || r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		problem.New(http.StatusNotFound, "此地址没有内容 / nothing is at "+ingest.Shorten(r.URL.Path)).Write(w)
		return
	}
	defer page.Close() // read only
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy+"frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNotFound)
	_, _ = io.Copy(w, page) // the reader has gone when this fails
}

// file answers with a file of the front end, compressed when the build left a
// compressed one beside it and the reader takes it.
func (s *Server) file(w http.ResponseWriter, r *http.Request, name, cache string) {
	f, encoding, err := s.openFile(r, name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && name == "index.html":
		problem.New(http.StatusServiceUnavailable,
			"前端尚未构建，请先执行 make web / the front end was not built into this program: run `make web`, then build it again").Write(w)
		return
	case err != nil:
		problem.New(http.StatusNotFound, "此地址没有内容 / nothing is at "+r.URL.Path).Write(w)
		return
	}
	defer f.Close() // read only
	content, ok := f.(io.ReadSeeker)
	if !ok {
		s.failed(r.Context(), "read a page", errors.New("the file system cannot seek")).Write(w)
		return
	}
	h := w.Header()
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		h.Set("Content-Type", t)
	} else {
		h.Set("Content-Type", "application/octet-stream")
	}
	h.Set("Cache-Control", cache)
	h.Add("Vary", "Accept-Encoding")
	if info, err := f.Stat(); err == nil && encoding != "" {
		h.Set("Content-Encoding", encoding)
		h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

func (s *Server) openFile(r *http.Request, name string) (f fs.File, encoding string, err error) {
	if s.App == nil || !fs.ValidPath(name) {
		return nil, "", fs.ErrNotExist
	}
	accepts := r.Header.Get("Accept-Encoding")
	if strings.Contains(accepts, "br") {
		if f, err := s.App.Open(name + ".br"); err == nil {
			return f, "br", nil
		}
	}
	if takesGzip(accepts) {
		if f, err := s.App.Open(name + ".gz"); err == nil {
			return f, "gzip", nil
		}
	}
	f, err = s.App.Open(name)
	if err != nil {
		return nil, "", err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		f.Close()
		return nil, "", fs.ErrNotExist
	}
	return f, "", nil
}
