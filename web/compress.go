package web

import (
	"bufio"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// gzipFrom is the size from which an answer is compressed.
const gzipFrom = 1400 // one Ethernet frame

// compressible are the types worth it; tiles come compressed.
var compressible = []string{"application/json", "application/problem+json", "application/geo+json",
	"application/openapi+json", "application/openapi+yaml", "application/xml", "text/"}

// compressed answers with gzip to those who take it.
func compressed(next http.Handler) http.Handler {
	pool := &sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // BestSpeed is a level
		}
		return w
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !takesGzip(r.Header.Get("Accept-Encoding")) || r.Header.Get("Upgrade") != "" || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		z := &zipper{ResponseWriter: w, pool: pool}
		defer z.close()
		next.ServeHTTP(z, r)
	})
}

// takesGzip reads Accept-Encoding (RFC 9110, 12.5.3).
func takesGzip(header string) bool {
	for item := range strings.SplitSeq(header, ",") {
		coding, parameters, _ := strings.Cut(strings.TrimSpace(item), ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
		if !ok {
			return true
		}
		v, err := strconv.ParseFloat(q, 64)
		return err == nil && v > 0
	}
	return false
}

// zipper holds an answer back until it is clear whether compressing pays.
type zipper struct {
	http.ResponseWriter
	pool *sync.Pool
	gz   *gzip.Writer
	held []byte
	code int
	past bool // the header is out
}

func (z *zipper) WriteHeader(code int) {
	if code < 200 { // informational
		z.ResponseWriter.WriteHeader(code)
		return
	}
	if z.code == 0 {
		z.code = code
	}
	if code == http.StatusNoContent || code == http.StatusNotModified || !z.worthIt() {
		z.begin(false)
	}
}

func (z *zipper) worthIt() bool {
	h := z.Header()
	if h.Get("Content-Encoding") != "" || h.Get("Content-Range") != "" {
		return false
	}
	if n, err := strconv.Atoi(h.Get("Content-Length")); err == nil && n < gzipFrom {
		return false
	}
	t := h.Get("Content-Type")
	for _, c := range compressible {
		if strings.HasPrefix(t, c) {
			return true
		}
	}
	return false
}

func (z *zipper) Write(b []byte) (int, error) {
	if z.code == 0 {
		z.WriteHeader(http.StatusOK)
	}
	if !z.past {
		if len(z.held)+len(b) < gzipFrom {
			z.held = append(z.held, b...)
			return len(b), nil
		}
		z.begin(true)
	}
	if z.gz != nil {
		return z.gz.Write(b)
	}
	return z.ResponseWriter.Write(b)
}

// begin sends the header and what was held back.
func (z *zipper) begin(zip bool) {
	if z.past {
		return
	}
	z.past = true
	h := z.Header()
	if zip || z.worthIt() {
		h.Add("Vary", "Accept-Encoding")
	}
	if zip {
		h.Del("Content-Length")
		h.Set("Content-Encoding", "gzip")
		z.gz = z.pool.Get().(*gzip.Writer)
		z.gz.Reset(z.ResponseWriter)
	}
	z.ResponseWriter.WriteHeader(z.code)
	if len(z.held) > 0 {
		// A failing write means a reader who has gone; the next one says so.
		if z.gz != nil {
			_, _ = z.gz.Write(z.held)
		} else {
			_, _ = z.ResponseWriter.Write(z.held)
		}
		z.held = nil
	}
}

func (z *zipper) close() {
	if z.code != 0 {
		z.begin(false)
	}
	if z.gz != nil {
		_ = z.gz.Close() // as in begin
		z.gz.Reset(nil)
		z.pool.Put(z.gz)
	}
}

// Flush sends what there is.
func (z *zipper) Flush() {
	if z.code == 0 {
		z.code = http.StatusOK
	}
	z.begin(z.worthIt())
	if z.gz != nil {
		_ = z.gz.Flush() // as in begin
	}
	_ = http.NewResponseController(z.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (z *zipper) Unwrap() http.ResponseWriter { return z.ResponseWriter }

// Hijack is what the WebSocket upgrader asks for.
func (z *zipper) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(z.ResponseWriter).Hijack()
}
