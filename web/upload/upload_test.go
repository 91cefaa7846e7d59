package upload_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"onecity/streams"
	"onecity/web/upload"
)

// place is a store of uploads behind a real server, before a real broker.
type place struct {
	t      *testing.T
	dir    string
	broker *streams.Broker
	store  *upload.Store
	url    string
	now    time.Time
}

func newPlace(t *testing.T) *place {
	t.Helper()
	b, err := streams.Open(t.Context(), streams.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	p := &place{t: t, dir: t.TempDir(), broker: b, now: time.Now()}
	p.open()
	return p
}

// open is what a start of the program does.
func (p *place) open() {
	p.t.Helper()
	var err error
	p.store, err = upload.New(upload.Options{Dir: p.dir, Media: p.broker, Owner: func(r *http.Request) string { return r.Header.Get("X-Who") }, Now: func() time.Time { return p.now }})
	if err != nil {
		p.t.Fatal(err)
	}
	server := httptest.NewServer(p.store)
	p.t.Cleanup(server.Close)
	p.url = server.URL
}

func (p *place) ask(who, method, path string, body []byte, headers ...string) (*http.Response, string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("X-Who", who)
	r.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res, string(text)
}

func (p *place) create(who string, size int, meta ...string) string {
	p.t.Helper()
	res, text := p.ask(who, "POST", "/api/v1/uploads/", nil, append([]string{"Upload-Length", strconv.Itoa(size)}, meta...)...)
	if res.StatusCode != http.StatusCreated || res.Header.Get("Upload-Expires") == "" {
		p.t.Fatalf("create: %s %s", res.Status, text)
	}
	at := res.Header.Get("Location")
	if !strings.HasPrefix(at, "/api/v1/uploads/") {
		p.t.Fatalf("it is at %q", at)
	}
	return at
}

func (p *place) patch(who, at string, from int, body []byte) (*http.Response, string) {
	p.t.Helper()
	return p.ask(who, "PATCH", at, body, "Content-Type", "application/offset+octet-stream", "Upload-Offset", strconv.Itoa(from))
}

func (p *place) send(who string, body []byte) string {
	p.t.Helper()
	at := p.create(who, len(body))
	if res, text := p.patch(who, at, 0, body); res.StatusCode != http.StatusNoContent {
		p.t.Fatalf("send: %s %s", res.Status, text)
	}
	return at[strings.LastIndexByte(at, '/')+1:]
}

func (p *place) done(who, id string) upload.Done {
	p.t.Helper()
	d, err := p.store.Done(p.t.Context(), who, id)
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

// photo is a real one of noise, side pixels wide.
func photo(t testing.TB, side int, quality int) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(side)))
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	img.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func problemOf(t *testing.T, res *http.Response, text string, status int) {
	t.Helper()
	if res.StatusCode != status || res.Header.Get("Content-Type") != "application/problem+json" || !json.Valid([]byte(text)) {
		t.Errorf("%s %s %s, want a problem of %d", res.Status, res.Header.Get("Content-Type"), text, status)
	}
}

func TestAnUploadThatIsCutGoesOnWhereItWas(t *testing.T) {
	p := newPlace(t)
	body := photo(t, 300, 90)
	at := p.create("person:a", len(body))
	// The line is cut in the middle of the body: the request says more than it sends.
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	half := len(body) / 2
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nX-Who: person:a\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n", at, len(body))
	if _, err := conn.Write(body[:half]); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	// The server is started again meanwhile.
	p.open()
	offset := 0
	for end := time.Now().Add(10 * time.Second); offset == 0 && time.Now().Before(end); {
		res, text := p.ask("person:a", "HEAD", at, nil)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s %s", res.Status, text)
		}
		offset, _ = strconv.Atoi(res.Header.Get("Upload-Offset"))
	}
	if offset == 0 || offset > half {
		t.Fatalf("%d of %d bytes are kept", offset, half)
	}
	if res, _ := p.patch("person:a", at, offset+1, body[offset+1:]); res.StatusCode != http.StatusConflict {
		t.Errorf("a gap is answered %s", res.Status)
	}
	if res, text := p.patch("person:a", at, offset, body[offset:]); res.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", res.Status, text)
	}
	id := filepath.Base(at)
	d := p.done("person:a", id)
	got, kind, err := p.broker.Media(t.Context(), filepath.Base(d.Media))
	if err != nil || kind != "image/jpeg" || !bytes.Equal(got, body) || d.Bytes != int64(len(body)) {
		t.Errorf("%+v %s %v", d, kind, err)
	}
	// The answer to the last bytes was lost: the sender asks again.
	if res, _ := p.ask("person:a", "HEAD", at, nil); res.Header.Get("Upload-Offset") != strconv.Itoa(len(body)) {
		t.Errorf("a finished one says %v", res.Header)
	}
	if again := p.done("person:a", id); again != d {
		t.Errorf("asked again: %+v, before %+v", again, d)
	}
	if left, _ := filepath.Glob(filepath.Join(p.dir, "*"+id+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheSameBytesTwiceAreOnePhoto(t *testing.T) {
	p := newPlace(t)
	body := photo(t, 60, 80)
	a, b := p.done("person:a", p.send("person:a", body)), p.done("person:b", p.send("person:b", body))
	if a.Media != b.Media || a.ID == b.ID {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestAnUploadIsItsSendersAlone(t *testing.T) {
	p := newPlace(t)
	body := photo(t, 60, 80)
	at := p.create("person:a", len(body))
	for _, method := range []string{"HEAD", "DELETE"} {
		if res, _ := p.ask("person:b", method, at, nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s by another: %s", method, res.Status)
		}
	}
	res, text := p.patch("person:b", at, 0, body)
	problemOf(t, res, text, 404)
	id := p.send("person:a", body)
	if _, err := p.store.Done(t.Context(), "person:b", id); err == nil {
		t.Error("another is told what became of it")
	}
	res, text = p.ask("", "POST", "/api/v1/uploads/", nil, "Upload-Length", "10")
	problemOf(t, res, text, 401)
	res, text = p.ask("person:a", "HEAD", "/api/v1/uploads/..%2Fx", nil)
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("%s %s", res.Status, text)
	}
}

func TestWhatIsTooLargeOrNoImageIsRefused(t *testing.T) {
	p := newPlace(t)
	res, text := p.ask("person:a", "POST", "/api/v1/uploads/", nil, "Upload-Length", strconv.Itoa(40<<20))
	problemOf(t, res, text, 413)
	res, text = p.ask("person:a", "POST", "/api/v1/uploads/", nil, "Upload-Length", "0")
	problemOf(t, res, text, 422)
	page := []byte("<html><script>alert(1)</script></html>")
	at := p.create("person:a", len(page), "Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte("photo.jpg")))
	res, text = p.patch("person:a", at, 0, page)
	problemOf(t, res, text, 422)
	if _, err := p.store.Done(t.Context(), "person:a", filepath.Base(at)); !errors.Is(err, upload.ErrUnknown) {
		t.Errorf("what was no image is still known: %v", err)
	}
	body := photo(t, 60, 80)
	at = p.create("person:a", len(body), "Upload-Metadata", "sha256 "+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("0", 64))))
	res, text = p.patch("person:a", at, 0, body)
	problemOf(t, res, text, 422)
	left, err := filepath.Glob(filepath.Join(p.store.Dir, "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "done" {
		t.Errorf("of what was refused is kept: %v %v", left, err)
	}
}

func TestAPhotoThatIsTooLargeForTheStoreIsKeptSmaller(t *testing.T) {
	if testing.Short() {
		t.Skip("it decodes a large photo")
	}
	p := newPlace(t)
	body := photo(t, 3000, 95)
	if len(body) <= streams.MaxMediaBytes || len(body) > upload.MaxBytes {
		t.Fatalf("the photo has %d bytes", len(body))
	}
	d := p.done("person:a", p.send("person:a", body))
	kept, _, err := p.broker.Media(t.Context(), filepath.Base(d.Media))
	if err != nil || !d.Smaller || d.Bytes != int64(len(body)) {
		t.Fatalf("%+v %v", d, err)
	}
	if _, kind, err := image.DecodeConfig(bytes.NewReader(kept)); err != nil || kind != "jpeg" {
		t.Errorf("%s %v", kind, err)
	}
}

// fullMedia is a store of photos without room until there is some.
type fullMedia struct {
	upload.Media
	full bool
}

func (m *fullMedia) PutMedia(ctx context.Context, name, kind string, body []byte) error {
	if m.full {
		return fmt.Errorf("keep photo %s: %w", name, streams.ErrFull)
	}
	return m.Media.PutMedia(ctx, name, kind, body)
}

func TestWithoutRoomTheSenderIsToldAndNothingIsLost(t *testing.T) {
	p := newPlace(t)
	media := &fullMedia{Media: p.broker, full: true}
	p.store.Media = media
	body := photo(t, 60, 80)
	at := p.create("person:a", len(body))
	res, text := p.patch("person:a", at, 0, body)
	problemOf(t, res, text, 507)
	media.full = false
	if d := p.done("person:a", filepath.Base(at)); d.Media == "" {
		t.Errorf("%+v", d)
	}
}

func TestWhatNobodyComesBackForIsDropped(t *testing.T) {
	p := newPlace(t)
	body := photo(t, 60, 80)
	at := p.create("person:a", len(body))
	kept := p.send("person:a", body)
	p.now = p.now.Add(upload.Kept - time.Minute)
	if err := p.store.Sweep(); err != nil {
		t.Fatal(err)
	}
	if res, _ := p.ask("person:a", "HEAD", at, nil); res.StatusCode != http.StatusOK {
		t.Fatalf("dropped too early: %s", res.Status)
	}
	p.now = p.now.Add(2 * time.Minute)
	if err := p.store.Sweep(); err != nil {
		t.Fatal(err)
	}
	if res, _ := p.ask("person:a", "HEAD", at, nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("still there: %s", res.Status)
	}
	p.done("person:a", kept)
	p.now = p.now.Add(upload.Told)
	if err := p.store.Sweep(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(p.dir, "done")); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
}

func TestOneSenderCannotOpenUploadsWithoutEnd(t *testing.T) {
	p := newPlace(t)
	for range upload.MaxOpen {
		p.create("person:a", 10)
	}
	res, text := p.ask("person:a", "POST", "/api/v1/uploads/", nil, "Upload-Length", "10")
	problemOf(t, res, text, 429)
	p.create("person:b", 10)
}
