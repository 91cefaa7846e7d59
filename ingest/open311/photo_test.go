package open311_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"onecity/ingest/open311"
	"onecity/streams"
)

// multi posts a multipart form with one photo.
func (s server) multi(t *testing.T, form url.Values, photo []byte, status int, v any) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, vs := range form {
		if err := w.WriteField(k, vs[0]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("media", "photo.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(photo); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(s.url+"/requests.json", w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	s.read(t, resp, status, v)
}

func picture(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 8, 8))
	img.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPhotoIsKeptAndNamedByItsContent(t *testing.T) {
	s := start(t)
	var rs []receipt
	s.multi(t, lamp(), picture(t), 201, &rs)
	var qs []request
	s.get(t, "/requests/"+rs[0].ID+".json", 200, &qs)
	name, ok := strings.CutPrefix(qs[0].Media, "/media/")
	if !ok || !strings.HasSuffix(name, ".png") { // what it is, not what it was called
		t.Fatalf("the photo is at %q", qs[0].Media)
	}
	body, contentType, err := s.Broker.Media(t.Context(), name)
	if err != nil || contentType != "image/png" || !bytes.Equal(body, picture(t)) {
		t.Errorf("%d bytes of %s, %v", len(body), contentType, err)
	}
}

func TestAPhotoThatIsNoneIsRefusedAndNothingIsStored(t *testing.T) {
	s := start(t)
	var es []failure
	s.multi(t, lamp(), []byte("<html>"), 400, &es)
	if len(es) != 1 || !strings.Contains(es[0].Description, "[not-an-image]") {
		t.Errorf("got %+v", es)
	}
	s.multi(t, lamp(), append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{0}, 100)...), 400, &es)
	var qs []request
	s.get(t, "/requests.json", 200, &qs)
	if len(qs) != 0 {
		t.Errorf("%d incidents", len(qs))
	}
}

func TestAPhotoOverTheLimitIsRefused(t *testing.T) {
	s := start(t)
	var es []failure
	var rs []receipt
	whole := picture(t)
	s.multi(t, lamp(), append(whole, make([]byte, streams.MaxMediaBytes-len(whole))...), 201, &rs)
	s.multi(t, lamp(), append(whole, make([]byte, streams.MaxMediaBytes+1-len(whole))...), 400, &es)
	if !strings.Contains(es[0].Description, "[too-large]") {
		t.Errorf("got %+v", es)
	}
	s.multi(t, lamp(), make([]byte, 65<<20), 413, &es)
}

// refusing is a store of photos that takes none.
type refusing struct{ why error }

func (r refusing) PutMedia(context.Context, string, string, []byte) error {
	return fmt.Errorf("keep photo: %w", r.why)
}

func TestAPhotoThatTheStoreDoesNotTakeIsAnsweredWithTheReason(t *testing.T) {
	c := start(t)
	for why, status := range map[error]int{
		streams.ErrTooLarge:      http.StatusRequestEntityTooLarge,
		streams.ErrFull:          http.StatusInsufficientStorage,
		context.DeadlineExceeded: http.StatusServiceUnavailable,
	} {
		mux := http.NewServeMux()
		mux.Handle("/open311/v2/", open311.New(open311.Options{Gate: c.Gate, Media: refusing{why}}))
		s := httptest.NewServer(mux)
		var es []failure
		server{c.City, s.URL + "/open311/v2"}.multi(t, lamp(), picture(t), status, &es)
		if len(es) != 1 || es[0].Code != fmt.Sprint(status) {
			t.Errorf("%v: got %+v", why, es)
		}
		s.Close()
	}
}
