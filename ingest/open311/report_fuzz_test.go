package open311_test

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"onecity/ingest/ingesttest"
	"onecity/ingest/open311"
)

// looking takes photos and keeps none; it holds them to what may be stored.
type looking struct{ t *testing.T }

func (l *looking) PutMedia(_ context.Context, name, contentType string, body []byte) error {
	if !strings.HasPrefix(contentType, "image/") || strings.ContainsAny(name, "/\\") || len(body) == 0 {
		l.t.Errorf("%d bytes of %q would be stored as %q", len(body), contentType, name)
	}
	return nil
}

// FuzzReport: any body, said to be any kind of form, is taken as a report or
// refused with a reason, in JSON that can be read.
func FuzzReport(f *testing.F) {
	const urlencoded = "application/x-www-form-urlencoded"
	for _, body := range []string{
		lamp().Encode(), "service_code=&lat=NaN&long=1e400", "lat=31.4&long=121&service_code=%ZZ", "attribute[severity]=-1&attribute[severity]=9;a",
		"client_id=" + strings.Repeat("x", 300), "title=%00%ff&" + lamp().Encode(),
	} {
		f.Add(urlencoded, []byte(body), "k")
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for k, vs := range lamp() {
		if err := w.WriteField(k, vs[0]); err != nil {
			f.Fatal(err)
		}
	}
	for _, name := range []string{"a.jpg", "../../etc/passwd", ""} {
		part, err := w.CreateFormFile("media", name)
		if err != nil {
			f.Fatal(err)
		}
		if _, err := part.Write(picture(f)); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(w.FormDataContentType(), form.Bytes(), "")
	f.Add(w.FormDataContentType(), form.Bytes()[:form.Len()/2], "")
	f.Add("multipart/form-data", form.Bytes(), "")
	f.Add("multipart/form-data; boundary=\"\"", []byte("--\r\n"), "")
	f.Add("application/json", []byte("{}"), "")

	// The Gate checks and stores nothing, so that every try meets the same city.
	gate := ingesttest.Start(f).Gate.Checking()
	media := &looking{}
	handler := open311.New(open311.Options{Gate: gate, Media: media})
	f.Fuzz(func(t *testing.T, contentType string, body []byte, key string) {
		media.t = t
		r := httptest.NewRequest(http.MethodPost, "/open311/v2/requests.json", bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Idempotency-Key", key)
		got := httptest.NewRecorder()
		handler.ServeHTTP(got, r)
		switch got.Code {
		case http.StatusCreated:
			var rs []receipt
			if err := json.Unmarshal(got.Body.Bytes(), &rs); err != nil || len(rs) != 1 || rs[0].ID == "" {
				t.Errorf("the receipt is %q, %v", got.Body, err)
			}
		case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusRequestEntityTooLarge:
			var es []failure
			if err := json.Unmarshal(got.Body.Bytes(), &es); err != nil || len(es) == 0 || es[0].Description == "" {
				t.Errorf("it is refused without a reason: %q, %v", got.Body, err)
			}
		default:
			t.Errorf("answered %d: %q", got.Code, got.Body)
		}
	})
}
