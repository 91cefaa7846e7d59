//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onDuty begins a shift where the spot is, and answers with the person's unit.
func (x *person) onDuty(t *testing.T, at spot) (unit string) {
	t.Helper()
	var duty struct{ Unit string }
	x.expect(t, http.MethodPut, "/api/v1/me/duty", map[string]any{"on": true}, http.StatusOK).into(t, &duty)
	if duty.Unit == "" {
		t.Fatalf("%s is on duty with no unit", x.login)
	}
	x.expect(t, http.MethodPost, "/api/v1/me/positions", here(at), http.StatusOK)
	return duty.Unit
}

// here says that one is at the spot now.
func here(at spot) map[string]any {
	now := time.Now().Format(time.RFC3339)
	return map[string]any{"sentAt": now, "positions": []map[string]any{{"time": now, "lon": at.at[0], "lat": at.at[1]}}}
}

// proof is a photo of after, taken a minute ago.
func proof(id, upload string, at spot) map[string]any {
	now := time.Now()
	return map[string]any{"id": id, "upload": upload, "phase": "after", "lon": at.at[0], "lat": at.at[1], "accuracy": 8,
		"takenAt": now.Add(-time.Minute).Format(time.RFC3339), "sentAt": now.Format(time.RFC3339)}
}

// losesAllRoles has an administrator take back whatever a person may.
func losesAllRoles(t *testing.T, admin, x *person) {
	t.Helper()
	var held struct{ Items []struct{ ID, Role string } }
	admin.get(t, "/api/v1/bindings?subject="+url.QueryEscape(x.me(t).Subject), &held)
	if len(held.Items) == 0 {
		t.Fatalf("%s holds no role", x.login)
	}
	for _, b := range held.Items {
		admin.expect(t, http.MethodDelete, "/api/v1/bindings/"+b.ID+"?why=test", nil, http.StatusNoContent)
	}
}

// In the middle of a task the worker loses the role: nothing that they send is
// taken any more, the case stays as it was, and somebody else brings it to its end.
func roleLost(t *testing.T, p *program, spot spot) {
	town, admin := p.signIn(t, "town.operator"), p.signIn(t, "city.admin")
	lost, other := p.signIn(t, "village.worker"), p.signIn(t, "grid.worker")
	unit, second := lost.onDuty(t, spot), other.onDuty(t, spot)
	var told struct{ ID string }
	other.expect(t, http.MethodPost, "/api/v1/cases", map[string]any{"id": "e2e-lost-1", "class": "C0105",
		"description": "井盖破损", "lon": spot.at[0], "lat": spot.at[1]}, http.StatusOK).into(t, &told)
	p.opened(t, told.ID)
	town.does(t, told.ID, "assign", map[string]any{"unit": unit}, http.StatusOK)
	lost.does(t, told.ID, "accept", nil, http.StatusOK)
	lost.does(t, told.ID, "arrive", map[string]any{"lon": spot.at[0], "lat": spot.at[1]}, http.StatusOK)
	upload := lost.uploads(t, photo(t)) // taken in before, not yet a proof
	before := town.at(t, told.ID).Case
	conn, _ := lost.live(t)

	losesAllRoles(t, admin, lost)
	if code := closed(t, conn, 10*time.Second); code != 4401 && code != 4403 {
		t.Errorf("the live socket goes on (%d)", code)
	}
	of := "/api/v1/cases/" + told.ID
	for what, ask := range map[string]struct {
		method, path string
		body         any
	}{
		"sees the case":        {http.MethodGet, of, nil},
		"finishes":             {http.MethodPost, of + "/events", map[string]any{"id": "lost-finish", "event": "finish", "version": before.Version, "input": map[string]any{"result": "已处置"}}},
		"gives it back":        {http.MethodPost, of + "/events", map[string]any{"id": "lost-return", "event": "return", "version": before.Version, "input": map[string]any{"reason": "无权限"}}},
		"adds a proof":         {http.MethodPost, of + "/proofs", proof("lost-proof", upload, spot)},
		"writes a note":        {http.MethodPost, of + "/notes", map[string]any{"id": "lost-note", "text": "已到场", "kind": "note"}},
		"reports":              {http.MethodPost, "/api/v1/cases", map[string]any{"id": "lost-report", "class": "C0105", "description": "路灯不亮", "lon": spot.at[0], "lat": spot.at[1]}},
		"says where they are":  {http.MethodPost, "/api/v1/me/positions", here(spot)},
		"lists what they have": {http.MethodGet, "/api/v1/me/cases", nil},
	} {
		if r := lost.ask(t, ask.method, ask.path, ask.body); r.status != http.StatusForbidden && r.status != http.StatusNotFound {
			t.Errorf("without a role one %s: %d %.200s", what, r.status, r.body)
		}
	}
	lost.expect(t, http.MethodPost, "/api/v1/uploads/", nil, http.StatusForbidden, "Tus-Resumable", "1.0.0", "Upload-Length", "1000")
	if now := town.at(t, told.ID).Case; now.Version != before.Version || now.State != "handling" || now.Proofs != 0 {
		t.Errorf("the case was %+v and is %+v", before, now)
	}

	town.does(t, told.ID, "assign", map[string]any{"unit": second}, http.StatusOK)
	other.does(t, told.ID, "accept", nil, http.StatusOK)
	other.does(t, told.ID, "arrive", map[string]any{"lon": spot.at[0], "lat": spot.at[1]}, http.StatusOK)
	other.expect(t, http.MethodPost, of+"/proofs", proof("lost-proof-2", other.uploads(t, photo(t)), spot), http.StatusOK)
	other.does(t, told.ID, "finish", map[string]any{"result": "已更换井盖"}, http.StatusOK)
	town.does(t, told.ID, "close", map[string]any{"result": "属实"}, http.StatusOK)
	p.shows(t, told.ID, "closed")
}

// A photo of 40 MB is refused before it is sent, a text by the name of a photo
// after its last byte; neither is on the disk, and neither proves anything.
func noPhoto(t *testing.T, p *program) {
	x := p.signIn(t, "grid.worker")
	kept := func() (n int) {
		if err := filepath.WalkDir(filepath.Join(p.dir, "uploads"), func(_ string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				n++
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := kept()
	meta := "filename " + base64.StdEncoding.EncodeToString([]byte("after.jpg"))
	large := x.expect(t, http.MethodPost, "/api/v1/uploads/", nil, http.StatusRequestEntityTooLarge,
		"Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(40<<20), "Upload-Metadata", meta)
	if kind := large.header.Get("Content-Type"); kind != "application/problem+json" || large.header.Get("Location") != "" {
		t.Errorf("40 MB are refused with %q, and at %q", kind, large.header.Get("Location"))
	}
	text := []byte(strings.Repeat("这不是照片。\n", 100))
	at := x.expect(t, http.MethodPost, "/api/v1/uploads/", nil, http.StatusCreated,
		"Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(text)), "Upload-Metadata", meta).header.Get("Location")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, x.base+at, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"} {
		req.Header.Set(name, value)
	}
	res, err := x.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a text by the name of a photo is answered %s", res.Status)
	}
	if r := x.ask(t, http.MethodGet, at+"/done", nil); r.status != http.StatusNotFound && r.status != http.StatusUnprocessableEntity {
		t.Errorf("what became of the text: %d %.200s", r.status, r.body)
	}
	if n := kept(); n != before {
		t.Errorf("%d files were kept of what was refused", n-before)
	}
}
