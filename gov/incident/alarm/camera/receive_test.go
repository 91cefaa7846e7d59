package camera_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"onecity/gov/incident/alarm"
	"onecity/gov/incident/alarm/camera"
	"onecity/gov/incident/exchange"
	"onecity/internal/audit"
	"onecity/internal/keyfile"

	"github.com/jackc/pgx/v5"
)

var now = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// town is the city, its Gate and its pictures.
type town struct {
	reports  []camera.Report
	pictures int
}

func (w *town) Camera(id string) (string, float64, float64, bool) {
	return "人民路摄像机", 120.95, 31.38, id == "cam-1"
}
func (w *town) At(lon, _ float64) string {
	if lon > 121 {
		return "310000"
	}
	return "320583100"
}
func (w *town) RegionName(code string) string                              { return code }
func (w *town) Class(code string) (string, bool)                           { return "占道经营", code != "X" }
func (w *town) append(context.Context, pgx.Tx, audit.Entry) error          { return nil }
func (w *town) Property(string) (name, unit string, decimals int, ok bool) { return "", "", 0, false }
func (w *town) Region(code string) string                                  { return code }
func (w *town) All() alarm.Registered                                      { return alarm.Registered{} }
func (w *town) Open(_ context.Context, r camera.Report) error {
	for _, x := range w.reports {
		if x.ID == r.ID {
			return camera.ErrTaken
		}
	}
	w.reports = append(w.reports, r)
	return nil
}
func (w *town) Keep(_ context.Context, body []byte) (string, error) {
	if !bytes.HasPrefix(body, []byte("\x89PNG")) {
		return "", camera.ErrNotImage
	}
	w.pictures++
	return "/media/x.png", nil
}

func everywhere() alarm.By { return alarm.System("a test") }

// opened is a service with the partner "vms" and its secret.
func opened(t *testing.T) (s *camera.Service, w *town, secret string) {
	t.Helper()
	pool := newDatabase(t)
	w = &town{}
	if _, err := alarm.Open(t.Context(), pool, alarm.ServiceOptions{Audit: w.append, Names: w, Register: w}); err != nil {
		t.Fatal(err)
	}
	key, err := keyfile.Open(t.TempDir()+"/key", "a test")
	if err != nil {
		t.Fatal(err)
	}
	s, err = camera.Open(t.Context(), pool, camera.Options{
		Audit: w.append, Key: key, Verify: exchange.Verify, Gate: w, Pictures: w, City: w, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), everywhere(), camera.Settings{Partner: "vms", Name: "视频平台", Region: "320583", On: true,
		Kinds: []camera.Meaning{{Kind: "vending", Class: "E0502", Severity: 4, Confidence: 0.8}}}); err != nil {
		t.Fatal(err)
	}
	if secret, err = s.NewSecret(t.Context(), everywhere(), "vms"); err != nil {
		t.Fatal(err)
	}
	return s, w, secret
}

func signed(t *testing.T, secret, contentType string, at time.Time, body []byte) http.Header {
	t.Helper()
	text, err := exchange.Signature(secret, "m1", at, body)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	h.Set("webhook-id", "m1")
	h.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	h.Set("webhook-signature", text)
	h.Set("Content-Type", contentType)
	return h
}

func event(id, kind string, confidence float64, more string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"time":"2026-05-01T12:00:00Z","camera":"cam-1","kind":%q,"confidence":%g%s}`, id, kind, confidence, more)
}

func TestASignedEventOpensOneIncidentHoweverOftenItComes(t *testing.T) {
	s, w, secret := opened(t)
	picture := `,"picture":"data:image/png;base64,` + base64.StdEncoding.EncodeToString([]byte("\x89PNG…")) + `"`
	for i, want := range []string{camera.Opened, camera.Duplicate, camera.Duplicate} {
		body := event("e1", "vending", 0.9, picture)
		r, err := s.Receive(t.Context(), "vms", signed(t, secret, "application/json", now, body), body)
		if err != nil || r.Outcome != want || r.Incident == "" {
			t.Errorf("%d: %+v, %v", i, r, err)
		}
	}
	if len(w.reports) != 1 || w.reports[0].Class != "E0502" || w.reports[0].Lon != 120.95 || len(w.reports[0].Photos) != 1 || !strings.Contains(w.reports[0].Description, "置信度 90%") {
		t.Errorf("%+v", w.reports)
	}
}

func TestAWrongOldOrAlteredSignatureIsRefusedAndAnUnknownPartnerIsNotTold(t *testing.T) {
	s, w, secret := opened(t)
	body := event("e1", "vending", 0.9, "")
	good := signed(t, secret, "application/json", now, body)
	other := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	for name, c := range map[string]struct {
		partner string
		h       http.Header
		body    []byte
	}{
		"another secret": {"vms", signed(t, other, "application/json", now, body), body},
		"an old one":     {"vms", signed(t, secret, "application/json", now.Add(-time.Hour), body), body},
		"altered":        {"vms", good, event("e2", "vending", 0.9, "")},
		"none":           {"vms", http.Header{}, body},
		"no partner":     {"nobody", good, body},
	} {
		if _, err := s.Receive(t.Context(), c.partner, c.h, c.body); !errors.Is(err, camera.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.reports) != 0 {
		t.Errorf("%+v", w.reports)
	}
}

func TestWhatIsUnsureUnmappedOrWrongOpensNothing(t *testing.T) {
	s, w, secret := opened(t)
	for name, c := range map[string]struct {
		body    []byte
		outcome string
		err     error
	}{
		"unsure":         {event("e1", "vending", 0.79, ""), camera.Below, nil},
		"another kind":   {event("e1", "smoke", 0.9, ""), camera.Unmapped, nil},
		"not an image":   {event("e1", "vending", 0.9, `,"picture":"`+base64.StdEncoding.EncodeToString([]byte("GIF?"))+`"`), "", camera.ErrNotImage},
		"not base64":     {event("e1", "vending", 0.9, `,"picture":"%%"`), "", camera.ErrMalformed},
		"elsewhere":      {event("e1", "vending", 0.9, `,"lon":121.5,"lat":31.2`), "", camera.ErrMalformed},
		"half a place":   {event("e1", "vending", 0.9, `,"lon":120.9`), "", camera.ErrMalformed},
		"surer than is":  {event("e1", "vending", 1.5, ""), "", camera.ErrMalformed},
		"without an id":  {event("", "vending", 0.9, ""), "", camera.ErrMalformed},
		"no JSON at all": {[]byte("{"), "", camera.ErrMalformed},
	} {
		r, err := s.Receive(t.Context(), "vms", signed(t, secret, "application/json", now, c.body), c.body)
		if !errors.Is(err, c.err) || r.Outcome != c.outcome {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if len(w.reports) != 0 || w.pictures != 0 {
		t.Errorf("%+v", w)
	}
}

func TestAMultipartMessageBringsItsPictureAsItIs(t *testing.T) {
	s, w, secret := opened(t)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if err := errors.Join(form.WriteField("event", string(event("e1", "vending", 0.9, ""))), form.WriteField("picture", "\x89PNG…"), form.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := s.Receive(t.Context(), "vms", signed(t, secret, form.FormDataContentType(), now, b.Bytes()), b.Bytes())
	if err != nil || r.Outcome != camera.Opened || w.pictures != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTheSecretBeforeStaysGoodUntilTheNext(t *testing.T) {
	s, _, first := opened(t)
	use := func(secret string) error {
		body := event("e1", "vending", 0.9, "")
		_, err := s.Receive(t.Context(), "vms", signed(t, secret, "application/json", now, body), body)
		return err
	}
	second, err := s.NewSecret(t.Context(), everywhere(), "vms")
	if err != nil || use(first) != nil || use(second) != nil {
		t.Fatal(err, use(first), use(second))
	}
	if _, err := s.NewSecret(t.Context(), everywhere(), "vms"); err != nil || !errors.Is(use(first), camera.ErrSignature) || use(second) != nil {
		t.Error(err, use(first), use(second))
	}
	elsewhere := alarm.By{Subject: "person:x", May: func(r string) bool { return r == "320583100" }}
	if _, err := s.NewSecret(t.Context(), elsewhere, "vms"); !errors.Is(err, camera.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("application/json", event("e1", "vending", 0.9, ""))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\n{}\r\n--x--"))
	f.Add("multipart/form-data", []byte("--"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		e, _, err := camera.Read(contentType, body)
		if err != nil && !errors.Is(err, camera.ErrMalformed) || err == nil && (e.ID == "" || e.Confidence > 1) {
			t.Fatalf("%+v, %v", e, err)
		}
	})
}
