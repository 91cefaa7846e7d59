package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/gov/incident/alarm/camera"
	"onecity/gov/incident/exchange"
	"onecity/ingest"
	"onecity/ingest/open311"
	"onecity/internal/keyfile"
)

// openCameras opens the cameras' way in onto the town's own Gate and photos.
func (w *alarmTown) openCameras() {
	w.t.Helper()
	key, err := keyfile.Open(filepath.Join(w.t.TempDir(), "camera.key"), "a test")
	if err != nil {
		w.t.Fatal(err)
	}
	if w.server.Cameras, err = camera.Open(w.t.Context(), w.pool, camera.Options{
		Audit: w.append, Key: key, Verify: exchange.Verify, Gate: w, Pictures: w, City: w,
	}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *alarmTown) Open(ctx context.Context, r camera.Report) error {
	err := w.server.Gate.Incident(ctx, "camera:"+r.Partner, r.ID, cim.Incident{
		ID: r.ID, Class: r.Class, Title: r.Title, Description: r.Description, Severity: uint8(r.Severity), Lon: r.Lon, Lat: r.Lat,
		Reported: r.Time, Due: r.Time.Add(time.Hour), Channel: "camera", Photos: r.Photos, Version: 1, Status: cim.StatusReported,
	})
	if errors.Is(err, ingest.ErrConflict) {
		return camera.ErrTaken
	}
	return err
}

func (w *alarmTown) Keep(ctx context.Context, body []byte) (string, error) {
	name, contentType, wrong := open311.CheckPhoto(body)
	switch {
	case wrong != nil && wrong.Code == ingest.CodeTooLarge:
		return "", camera.ErrTooLarge
	case wrong != nil:
		return "", camera.ErrNotImage
	}
	return "/media/" + name, w.broker.PutMedia(ctx, name, contentType, body)
}

func (w *alarmTown) Camera(id string) (name string, lon, lat float64, ok bool) {
	d, ok := w.reader().Device(id)
	if !ok {
		return "", 0, 0, false
	}
	return d.Name, d.Lon, d.Lat, true
}

const vms = `{"partner":"vms","name":"视频平台","region":"320583","on":true,"keyed":false,` +
	`"kinds":[{"kind":"vending","class":"E0502","severity":4,"confidence":0.8}]%s}`

// joined is the town with a video platform, and its secret.
func joined(t *testing.T) (w *alarmTown, secret string) {
	t.Helper()
	w = newAlarmTown(t)
	w.expect("PUT", "/api/v1/camera-partners/vms", fmt.Sprintf(vms, ""), 200, inCity...)
	return w, w.expect("POST", "/api/v1/camera-partners/vms/secret", "", 200, inCity...).json(t)["secret"].(string)
}

// hook sends a message of a platform, signed.
func (w *alarmTown) hook(partner, secret, contentType, body string) reply {
	w.t.Helper()
	now := time.Now()
	signature, err := exchange.Signature(secret, "m1", now, []byte(body))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.ask("POST", "/hooks/camera/"+partner, body, "Content-Type", contentType,
		"webhook-id", "m1", "webhook-timestamp", strconv.FormatInt(now.Unix(), 10), "webhook-signature", signature)
}

// saw is an event of the camera in the west.
func saw(id, kind string, confidence float64, picture []byte) string {
	return fmt.Sprintf(`{"id":%q,"time":%q,"camera":"west","kind":%q,"confidence":%g,"picture":%q}`,
		id, time.Now().Format(time.RFC3339), kind, confidence, base64.StdEncoding.EncodeToString(picture))
}

func picture(t testing.TB) []byte {
	t.Helper()
	i := image.NewRGBA(image.Rect(0, 0, 64, 48))
	i.Set(3, 4, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, i); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// incidents are those that the city shows.
func (w *alarmTown) incidents() []any {
	w.t.Helper()
	w.awaitEnd()
	return w.expect("GET", "/api/v1/incidents?status=open", "", 200).json(w.t)["incidents"].([]any)
}

func TestACamerasEventOpensOneIncidentWithItsPictureNamedByContent(t *testing.T) {
	w, secret := joined(t)
	shot := picture(t)
	first := w.hook("vms", secret, "application/json", saw("e1", "vending", 0.9, shot))
	if first.status != 200 || first.json(t)["outcome"] != camera.Opened {
		t.Fatalf("%d %s", first.status, first.body)
	}
	again := w.hook("vms", secret, "application/json", saw("e1", "vending", 0.9, shot))
	if again.status != 200 || again.json(t)["outcome"] != camera.Duplicate || again.json(t)["incident"] != first.json(t)["incident"] {
		t.Errorf("the same again is answered %d %s", again.status, again.body)
	}
	list := w.incidents()
	if len(list) != 1 {
		t.Fatalf("open are %v", list)
	}
	in := list[0].(map[string]any)
	if in["id"] != first.json(t)["incident"] || in["class"] != "E0502" || in["channel"] != "camera" || in["region"] != atWest {
		t.Errorf("it opened %v", in)
	}
	path := in["photos"].([]any)[0].(string)
	if name, _, wrong := open311.CheckPhoto(shot); wrong != nil || path != "/media/"+name {
		t.Errorf("the picture is kept as %s, and its content is named %s", path, name)
	}
	if kept := w.ask("GET", path, ""); kept.status != 200 || kept.header.Get("Content-Type") != "image/png" || len(kept.body) == 0 {
		t.Errorf("the picture is given as %d %v", kept.status, kept.header)
	}
}

func TestAMultipartMessageOfACameraIsTakenToo(t *testing.T) {
	w, secret := joined(t)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("picture", "a.png")
	if err == nil {
		_, err = part.Write(picture(t))
	}
	if err := errors.Join(err, form.WriteField("event", saw("e1", "vending", 0.9, nil)), form.Close()); err != nil {
		t.Fatal(err)
	}
	if r := w.hook("vms", secret, form.FormDataContentType(), b.String()); r.status != 200 || r.json(t)["outcome"] != camera.Opened {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if list := w.incidents(); len(list) != 1 || len(list[0].(map[string]any)["photos"].([]any)) != 1 {
		t.Errorf("it opened %v", list)
	}
}

func TestACamerasMessageThatIsForgedBrokenOrTooLargeIsRefusedAndOpensNothing(t *testing.T) {
	w, secret := joined(t)
	forged := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	big := make([]byte, 9<<20) // below the limit of a message, above that of a photo
	copy(big, picture(t))
	for _, c := range []struct {
		name, partner, secret, body string
		status                      int
		code                        string
	}{
		{"another's secret", "vms", forged, saw("e1", "vending", 0.9, nil), 401, ""},
		{"no such platform", "nobody", secret, saw("e1", "vending", 0.9, nil), 401, ""},
		{"a text for a picture", "vms", secret, saw("e1", "vending", 0.9, []byte("<svg onload=alert(1)>")), 422, "not-an-image"},
		{"a picture over the limit", "vms", secret, saw("e1", "vending", 0.9, big), 413, "too-large"},
		{"40 MB", "vms", secret, strings.Repeat("x", 40_000_000), 413, "too-large"},
		{"no JSON", "vms", secret, "{", 422, "malformed"},
		{"a place outside of the city", "vms", secret, strings.Replace(saw("e1", "vending", 0.9, nil), `"kind"`, `"lon":100,"lat":20,"kind"`, 1), 422, "malformed"},
		{"a camera that nobody knows", "vms", secret, strings.Replace(saw("e1", "vending", 0.9, nil), `"west"`, `"c9"`, 1), 422, "malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := w.hook(c.partner, c.secret, "application/json", c.body)
			if r.status != c.status {
				t.Fatalf("%d, want %d: %.300s", r.status, c.status, r.body)
			}
			if errs, _ := r.json(t)["errors"].([]any); c.code != "" && (len(errs) == 0 || errs[0].(map[string]any)["code"] != c.code) {
				t.Errorf("it is refused with %v", errs)
			}
		})
	}
	known, unknown := w.hook("vms", forged, "application/json", "{}"), w.hook("nobody", forged, "application/json", "{}")
	if a, b := known.json(t)["detail"], unknown.json(t)["detail"]; a != b {
		t.Errorf("who has no secret can tell platforms apart: %v, %v", a, b)
	}
	if list := w.incidents(); len(list) != 0 {
		t.Errorf("they opened %v", list)
	}
}

func TestACamerasEventThatIsUnsureOrNotMappedIsAcceptedAndOpensNothing(t *testing.T) {
	w, secret := joined(t)
	for outcome, body := range map[string]string{
		camera.Below: saw("e1", "vending", 0.79, picture(t)), camera.Unmapped: saw("e2", "smoke", 0.99, picture(t)),
	} {
		r := w.hook("vms", secret, "application/json", body)
		if r.status != 200 || r.json(t)["outcome"] != outcome || r.json(t)["incident"] != nil {
			t.Errorf("%s is answered %d %s", outcome, r.status, r.body)
		}
	}
	if list := w.incidents(); len(list) != 0 {
		t.Errorf("they opened %v", list)
	}
	// Surer by a changed mapping, the same event opens one.
	w.expect("PUT", "/api/v1/camera-partners/vms", strings.Replace(fmt.Sprintf(vms, `,"version":2`), "0.8", "0.7", 1), 200, inCity...)
	if r := w.hook("vms", secret, "application/json", saw("e1", "vending", 0.79, nil)); r.json(t)["outcome"] != camera.Opened {
		t.Errorf("then it is answered %s", r.body)
	}
}

func TestAVideoPlatformIsLedWhereTheRightsReachAndItsSecretIsShownOnce(t *testing.T) {
	w, secret := joined(t)
	w.expect("PUT", "/api/v1/camera-partners/west-vms", strings.ReplaceAll(strings.Replace(fmt.Sprintf(vms, ""), `"320583"`, `"`+atWest+`"`, 1), `"vms"`, `"west-vms"`), 200, inWest...)
	if list := w.expect("GET", "/api/v1/camera-partners", "", 200, inWest...); strings.Contains(string(list.body), `"vms"`) || strings.Contains(string(list.body), "whsec_") {
		t.Errorf("the west lists %s", list.body)
	}
	if list := w.expect("GET", "/api/v1/camera-partners", "", 200, inEast...).json(t)["items"].([]any); len(list) != 0 {
		t.Errorf("the east lists %v", list)
	}
	w.expect("PUT", "/api/v1/camera-partners/vms", fmt.Sprintf(vms, `,"version":2`), 404, inWest...)
	w.expect("POST", "/api/v1/camera-partners/vms/secret", "", 404, inWest...)
	w.expect("POST", "/api/v1/camera-partners/none/secret", "", 404, inCity...)
	w.expect("PUT", "/api/v1/camera-partners/other", strings.ReplaceAll(fmt.Sprintf(vms, ""), `"vms"`, `"other"`), 403, inWest...)
	w.expect("PUT", "/api/v1/camera-partners/vms", fmt.Sprintf(vms, `,"version":1`), 409, inCity...)
	w.expect("PUT", "/api/v1/camera-partners/vms", strings.Replace(fmt.Sprintf(vms, `,"version":2`), "E0502", "X9", 1), 422, inCity...)
	// Switched off, what it sends is refused.
	w.expect("PUT", "/api/v1/camera-partners/vms", strings.Replace(fmt.Sprintf(vms, `,"version":2`), `"on":true`, `"on":false`, 1), 200, inCity...)
	if r := w.hook("vms", secret, "application/json", saw("e1", "vending", 0.9, nil)); r.status != 401 {
		t.Errorf("switched off, it answers %d", r.status)
	}
	list := string(w.expect("GET", "/api/v1/camera-partners", "", 200, inCity...).body)
	if strings.Contains(list, "whsec_") || !strings.Contains(list, `"keyed":true`) {
		t.Errorf("the list says %s", list)
	}
	for _, e := range w.logged() {
		if strings.Contains(string(e.Detail), "whsec_") || strings.Contains(string(e.Detail), strings.TrimPrefix(secret, "whsec_")) {
			t.Errorf("the log holds a secret: %s", e.Detail)
		}
	}
}
