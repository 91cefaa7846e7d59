package web

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"onecity/gov/incident"
)

func TestAPhotoOfACaseThatIsHiddenIsNotShownByNamingItWithOnesOwn(t *testing.T) {
	w := caseTown(t)
	w.report("c-west", false)
	w.report("c-east", true)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]string{"hidden.png": "image/png", "paper.html": "text/html"} {
		if err := w.server.Broker.PutMedia(t.Context(), name, kind, picture.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	worker := []string{"X-Role", "grid", "X-Region", atEast}
	operator := []string{"X-Role", "operator", "X-Region", "320583"}
	w.expect("POST", "/api/v1/cases/c-east/proofs", `{"id":"p1","upload":"/media/hidden.png","phase":"after"}`, 422, worker...)
	w.expect("GET", "/media/hidden.png", "", 404, worker...)
	w.expect("POST", "/api/v1/cases/c-east/proofs", `{"id":"p2","upload":"/media/paper.html","phase":"form"}`, 422, operator...)
	w.expect("POST", "/api/v1/cases/c-east/proofs", `{"id":"p1","upload":"/media/hidden.png","phase":"after"}`, 200) // who sees everything
	w.expect("GET", "/media/hidden.png", "", 200, worker...)
}

func TestACaseIsNotMergedByAnEventIntoOneThatTheCallerDoesNotSee(t *testing.T) {
	w := caseTown(t)
	w.report("c-east", true)
	w.report("c-west", false)
	operator := []string{"X-Role", "operator", "X-Region", atEast}
	w.expect("POST", "/api/v1/cases/c-east/events", `{"event":"merge","version":2,"input":{"into":"c-west"}}`, 404, operator...)
	// in one's own town, but of a grade that one does not see
	secret := incident.Report{ID: "c-secret", Class: "C0105", Title: "涉密", Severity: 3, Lon: 120.95, Lat: 31.38, Channel: "grid", Region: atEast, Grade: 3}
	if _, err := w.server.Cases.Take(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	w.expect("POST", "/api/v1/cases/c-east/events", `{"event":"merge","version":2,"input":{"into":"c-secret"}}`, 404, operator...)
	is := w.expect("GET", "/api/v1/cases/c-east", "", 200, operator...).json(t)["case"].(map[string]any)
	if is["state"] != "reported" {
		t.Errorf("the case is %v", is["state"])
	}
}
