package web

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"onecity/gov/incident"
	"onecity/gov/incident/evidence"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"
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

func TestEveryReadOfAGradedCaseIsLogged(t *testing.T) {
	w := caseTown(t)
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := audit.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if w.server.Audit, err = audit.Open(t.Context(), pool, audit.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	for id, grade := range map[string]int{"c-open": 0, "c-graded": 1, "c-also": 1} {
		if _, err := w.server.Cases.Take(t.Context(), incident.Report{ID: id, Class: "C0105", Title: "路灯不亮", Severity: 3, Lon: 120.95, Lat: 31.38,
			Reported: time.Now(), Channel: "grid", Region: atWest, Grade: grade}); err != nil {
			t.Fatal(err)
		}
	}
	worker := []string{"X-Role", "grid", "X-Region", atWest}
	w.expect("GET", "/api/v1/cases/c-open/alike", "", 200, worker...)
	w.expect("GET", "/api/v1/cases/c-open/nearby", "", 200, worker...)
	found, err := w.server.Audit.Search(t.Context(), audit.Within{All: true}, audit.Filter{Action: "city.read"}, audit.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	logged := map[string]bool{}
	for _, e := range found.Entries {
		logged[e.Object] = true
	}
	if !logged["alike:c-open"] || !logged["nearby:c-open"] {
		t.Errorf("of what was read only %v is in the log", logged)
	}
}

func TestNobodyReportsWhatTheyWouldNotSee(t *testing.T) {
	w := caseTown(t)
	body := func(grade string) string {
		return `{"id":"g` + grade + `","class":"C0105","lon":120.95,"lat":31.38,"grade":` + grade + `}`
	}
	worker := []string{"X-Role", "grid", "X-Region", "320583"}
	w.expect("POST", "/api/v1/cases", body("3"), 422, worker...)
	w.expect("POST", "/api/v1/cases", body("1"), 200, worker...)
}

func TestTheChainOfEvidenceDoesNotTellWhoReported(t *testing.T) {
	w := caseTown(t)
	w.report("c-west", false)
	by := func(role string) string {
		t.Helper()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Role", role)
		r.Header.Set("X-Region", atWest)
		c, err := asRole(r)
		if err != nil {
			t.Fatal(err)
		}
		chain := evidence.Report{Links: []evidence.Checked{{Link: evidence.Link{Phase: "report", By: "person:grid"}}}}
		if err := w.server.openEvidence(context.WithValue(t.Context(), callerKey{}, c), "c-west", &chain); err != nil {
			t.Fatal(err)
		}
		return chain.Links[0].By
	}
	if got := by("viewer"); got != "reporter" {
		t.Errorf("a member of staff is told %s", got)
	}
	if got := by("operator"); got != "person:grid" {
		t.Errorf("an operator is told %s", got)
	}
}
