package tiles

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"onecity/cim"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/gzip"
)

// Config is what a [Server] needs; the zero values of the numbers mean the
// defaults.
type Config struct {
	// City gives the newest snapshot, or nil before there is one.
	City func() *cim.Snapshot
	// Scope says what the sender of a request may see.
	Scope func(*http.Request) cim.Scope
	// CacheBytes bounds the kept tiles, compressed. Default 64 MiB.
	CacheBytes int
	// GzipLevel is 1 (fast) to 6 (small). Default 4.
	GzipLevel int
}

// Server answers
//
//	GET /tiles/{layers}/{z}/{x}/{y}.mvt   a tile; layers is one name or several with commas
//	GET /tiles/{layers}.json              its TileJSON 3.0
//	GET /style.json?theme=dark|light&lang=zh|en
//
// A tile without features is 204 No Content. Errors are RFC 9457 problems.
type Server struct {
	Config
	painter *Painter
	cache   *cache
	gzips   sync.Pool
	bodies  sync.Pool
	stats   struct{ served, kept, encoded, unchanged atomic.Uint64 }
}

var _ http.Handler = (*Server)(nil)

// NewServer makes a Server with an empty cache.
func NewServer(c Config) *Server {
	if c.CacheBytes <= 0 {
		c.CacheBytes = 64 << 20
	}
	if c.GzipLevel <= 0 || c.GzipLevel > 6 {
		c.GzipLevel = 4
	}
	s := &Server{Config: c, painter: NewPainter(), cache: newCache(c.CacheBytes)}
	s.gzips.New = func() any {
		w, err := gzip.NewWriterLevel(nil, c.GzipLevel)
		if err != nil {
			panic(err) // the level was checked above
		}
		return w
	}
	s.bodies.New = func() any { return new([]byte) }
	return s
}

// Stats counts since the start, for metrics.
type Stats struct {
	Served    uint64 // tiles answered, of any kind
	Kept      uint64 // answered from the cache without encoding
	Encoded   uint64 // encoded from the model
	Unchanged uint64 // answered with 304 Not Modified
	Tiles     int    // in the cache now
	Bytes     int    // in the cache now
}

// Stats reads the counters.
func (s *Server) Stats() Stats {
	tiles, size := s.cache.len()
	return Stats{
		Served: s.stats.served.Load(), Kept: s.stats.kept.Load(), Encoded: s.stats.encoded.Load(),
		Unchanged: s.stats.unchanged.Load(), Tiles: tiles, Bytes: size,
	}
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		problem{Status: http.StatusMethodNotAllowed, Detail: r.Method + " is not for tiles; ask with GET"}.write(w)
		return
	}
	if r.URL.Path == "/style.json" {
		s.serveStyle(w, r)
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/tiles/")
	if !ok {
		problem{Status: http.StatusNotFound, Detail: "nothing at " + r.URL.Path}.write(w)
		return
	}
	if names, ok := strings.CutSuffix(rest, ".json"); ok && !strings.Contains(names, "/") {
		s.serveTileJSON(w, r, names)
		return
	}
	s.serveTile(w, r, rest)
}

func (s *Server) serveTile(w http.ResponseWriter, r *http.Request, rest string) {
	layers, tile, bad := parsePath(rest)
	if bad != nil {
		bad.write(w)
		return
	}
	snapshot := s.City()
	if snapshot == nil {
		notReady(w)
		return
	}
	s.stats.served.Add(1)
	reader := snapshot.In(s.Scope(r).Only(layers))
	etag, body, err := s.tile(reader, cacheKey{tile, layers, reader.Scope().Key()})
	if err != nil {
		problem{Status: http.StatusInternalServerError, Detail: err.Error()}.write(w)
		return
	}
	s.send(w, r, etag, body)
}

// tile is the tile of k, which names what reader sees, from the cache when that
// is still true.
func (s *Server) tile(reader cim.Reader, k cacheKey) (etag string, zipped []byte, err error) {
	e := s.cache.get(k)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.full && s.painter.Fresh(reader, k.tile) <= e.seq {
		s.stats.kept.Add(1)
		return e.etag, e.gzip, nil
	}
	raw := s.bodies.Get().(*[]byte)
	defer s.bodies.Put(raw)
	*raw = s.painter.Append((*raw)[:0], reader, k.tile)
	s.stats.encoded.Add(1)
	if tag := strconv.FormatUint(xxhash.Sum64(*raw), 36); !e.full || tag != e.etag {
		if e.gzip, err = s.zip(*raw); err != nil {
			return "", nil, fmt.Errorf("compress tile %v: %w", k.tile, err)
		}
		e.etag = tag
		s.cache.filled(e, len(e.gzip))
	}
	e.full, e.seq = true, reader.Seq()
	return e.etag, e.gzip, nil
}

func (s *Server) zip(raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	out.Grow(len(raw)/2 + 64)
	z := s.gzips.Get().(*gzip.Writer)
	defer s.gzips.Put(z)
	z.Reset(&out)
	if _, err := z.Write(raw); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return bytes.Clone(out.Bytes()), nil
}

// send answers with a tile. A strong ETag names bytes, so the compressed and
// the plain body have different ones (RFC 9110 §8.8.3).
func (s *Server) send(w http.ResponseWriter, r *http.Request, etag string, zipped []byte) {
	gz := acceptsGzip(r.Header.Get("Accept-Encoding"))
	quoted := `"` + etag + `"`
	if gz {
		quoted = `"` + etag + `-gz"`
	}
	h := w.Header()
	h.Set("ETag", quoted)
	h.Set("Cache-Control", "no-cache") // keep it, but ask each time
	h.Set("Vary", "Accept-Encoding")
	if matches(r.Header.Get("If-None-Match"), quoted) {
		s.stats.unchanged.Add(1)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if len(zipped) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.Set("Content-Type", "application/vnd.mapbox-vector-tile")
	body := zipped
	if gz {
		h.Set("Content-Encoding", "gzip")
	} else {
		z, err := gzip.NewReader(bytes.NewReader(zipped))
		if err == nil {
			body, err = io.ReadAll(z)
		}
		if err != nil {
			problem{Status: http.StatusInternalServerError, Detail: "unpack a kept tile: " + err.Error()}.write(w)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader has gone when this fails
	}
}
