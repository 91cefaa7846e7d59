package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"onecity/gov/identity/access"
	"onecity/gov/identity/access/accesstest"
	"onecity/gov/incident"
	"onecity/internal/audit"
	"onecity/internal/calendar"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// asRole is somebody with the role of the header X-Role in the region of
// X-Region, or has not signed in; without them somebody who may do everything.
func asRole(r *http.Request) (Caller, error) {
	role := r.Header.Get("X-Role")
	switch role {
	case "":
		return everybody(r)
	case "nobody":
		return Caller{}, nil
	}
	id := "person:" + role + r.Header.Get("X-Person")
	rights := accesstest.Holding(id, access.Binding{ID: "1", Role: role, On: access.Node{Code: r.Header.Get("X-Region")}})
	return Caller{ID: id, Name: role, Rights: rights, Scope: scopeOf(rights)}, nil
}

// caseTown is a town with cases in a real database.
func caseTown(t *testing.T) *town {
	t.Helper()
	w, _ := caseTownWith(t, incident.Options{})
	return w
}

// caseTownWith is one whose cases have options beside the class of the tests.
func caseTownWith(t *testing.T, o incident.Options) (*town, *pgxpool.Pool) {
	t.Helper()
	w := newTown(t, townOptions{who: asRole})
	w.settle()
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := flow.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	o.Classes = []incident.Class{{Code: "C0105", Name: "路灯", Severity: 3, Limits: incident.Limits{Establish: 30, Handle: 60, Total: 600},
		ValidFrom: calendar.Date{Year: 2020, Month: 1, Day: 1}}}
	engine, err := flow.New(pool, flow.Options{Machines: []*flow.Machine{incident.Machine(o)},
		Audit: func(context.Context, pgx.Tx, audit.Entry) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if w.server.Cases, err = incident.Open(t.Context(), pool, engine, o); err != nil {
		t.Fatal(err)
	}
	w.server.Flow = engine
	return w, pool
}

// report opens a case in the west or, with east, in the other district.
func (w *town) report(id string, east bool) {
	w.t.Helper()
	r := incident.Report{ID: id, Class: "C0105", Title: "路灯不亮 " + id, Severity: 3, Lon: 120.95, Lat: 31.38, Address: "前进路", Reported: time.Now(),
		Channel: "grid", Reporter: "person:grid", Region: "320583100"}
	if east {
		r.Region = "320583101"
	}
	if _, err := w.server.Cases.Take(w.t.Context(), r); err != nil {
		w.t.Fatal(err)
	}
}

const (
	atWest = "320583100"
	atEast = "320583101"
)

func TestACaseIsLedOverHTTPAndWhoIsLateIsToldWhoWasFaster(t *testing.T) {
	w := caseTown(t)
	w.report("c-1", false)
	operator := []string{"X-Role", "operator", "X-Region", "320583"}
	worker := []string{"X-Role", "grid", "X-Region", atWest}
	is := w.expect("GET", "/api/v1/cases/c-1", "", 200, operator...).json(t)
	if is["className"] != "路灯" || is["limits"].(map[string]any)["reported"] != 30.0 || len(is["timeline"].([]any)) != 1 {
		t.Errorf("the case is shown as %v", is)
	}
	for _, o := range is["offers"].([]any) {
		if o := o.(map[string]any); o["required"] == nil || o["optional"] == nil || o["whyNot"] == nil {
			t.Errorf("the offer %v has a list that is null", o["event"])
		}
	}
	version := func(v map[string]any) string {
		return strconv.Itoa(int(v["case"].(map[string]any)["version"].(float64)))
	}
	fire := func(status int, event, version, input string, who ...string) map[string]any {
		t.Helper()
		return w.expect("POST", "/api/v1/cases/c-1/events", `{"event":"`+event+`","version":`+version+`,"input":`+input+`}`, status, who...).json(t)
	}
	fire(422, "assign", "2", `{}`, operator...)
	fire(403, "assign", "2", `{"handler":"person:grid"}`, worker...)
	is = fire(200, "assign", "2", `{"handler":"person:grid"}`, operator...)
	late := fire(409, "reject", "2", `{"reason":"x"}`, operator...)
	if late["by"] != "person:operator" || late["state"] != "assigned" || late["version"] != 3.0 || late["byName"] == "" {
		t.Errorf("who was late is told %v", late)
	}
	is = fire(200, "accept", version(is), `{}`, worker...)
	mine := w.expect("GET", "/api/v1/me/cases?lon=120.9&lat=31.38", "", 200, worker...).json(t)["items"].([]any)
	if len(mine) != 1 || mine[0].(map[string]any)["metres"].(float64) < 4000 {
		t.Errorf("the worker's cases are %v", mine)
	}
	is = fire(200, "arrive", version(is), `{"lon":120.95,"lat":31.38}`, worker...)
	is = fire(200, "finish", version(is), `{"result":"已更换灯泡"}`, worker...)
	fire(403, "close", version(is), `{}`, worker...)
	is = fire(200, "close", version(is), `{}`, operator...)
	if is["case"].(map[string]any)["state"] != "closed" {
		t.Errorf("it ends as %v", is["case"])
	}
	w.expect("POST", "/api/v1/cases/c-1/rating", `{"stars":5}`, 200, worker...)
	w.expect("POST", "/api/v1/cases/c-1/rating", `{"stars":1}`, 403, operator...)
}

func TestCasesOfElsewhereAreNeitherListedNorCountedNorToBeFound(t *testing.T) {
	w := caseTown(t)
	w.report("c-west", false)
	w.report("c-east", true)
	leader := []string{"X-Role", "leader", "X-Region", atEast}
	list := w.expect("GET", "/api/v1/cases?q=路灯&order=urgency", "", 200, leader...).json(t)["items"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["id"] != "c-east" {
		t.Errorf("the leader of the east sees %v", list)
	}
	if n := w.expect("GET", "/api/v1/cases/counts", "", 200, leader...).json(t)["open"]; n != 1.0 {
		t.Errorf("and counts %v", n)
	}
	for _, path := range []string{"", "/alike", "/nearby"} {
		w.expect("GET", "/api/v1/cases/c-west"+path, "", 404, leader...)
	}
	w.expect("POST", "/api/v1/cases/c-west/notes", `{"text":"快些","kind":"urge"}`, 404, leader...)
	w.expect("POST", "/api/v1/cases/c-east/notes", `{"id":"n1","text":"快些","kind":"urge"}`, 200, leader...)
	is := w.expect("POST", "/api/v1/cases/c-east/notes", `{"id":"n1","text":"快些","kind":"urge"}`, 200, leader...).json(t)
	if is["case"].(map[string]any)["urged"] != 1.0 {
		t.Errorf("urged once over a bad line, it counts %v", is["case"])
	}
	w.expect("POST", "/api/v1/cases/c-east/events", `{"event":"establish","version":2}`, 403, leader...)
	// who reported is for who sees sensitive things
	viewer := []string{"X-Role", "viewer", "X-Region", atEast}
	if strings.Contains(string(w.expect("GET", "/api/v1/cases/c-east", "", 200, viewer...).body), `person:grid`) {
		t.Error("a member of staff sees who reported")
	}
	w.expect("POST", "/api/v1/cases/c-east/merge", `{"into":"c-west","version":2}`, 404, "X-Role", "operator", "X-Region", atEast)
}

func TestLimitsAreReadByAllAndChangedByWhoRostersTheWholeCity(t *testing.T) {
	w := caseTown(t)
	body := `{"name":"路灯","nameEn":"Lamp","group":"公用设施","groupEn":"Utilities","severity":3,"needsPhoto":false,"working":true,"validFrom":"` +
		calendar.DateOf(time.Now()).Next(1).String() + `","limits":{"establish":10,"dispatch":10,"accept":10,"handle":10,"verify":10,"total":60}}`
	w.expect("PUT", "/api/v1/case-classes/C0105", body, 403, "X-Role", "grid", "X-Region", atWest)
	w.expect("PUT", "/api/v1/case-classes/C0105", body, 200, "X-Role", "operator", "X-Region", "320583")
	w.expect("PUT", "/api/v1/case-classes/C0105", strings.Replace(body, `"validFrom":"`, `"validFrom":"19`, 1), 422, "X-Role", "operator", "X-Region", "320583")
	today := w.expect("GET", "/api/v1/case-classes", "", 200, "X-Role", "grid", "X-Region", atWest).json(t)["classes"].([]any)
	if len(today) != 1 || today[0].(map[string]any)["limits"].(map[string]any)["establish"] != 30.0 || today[0].(map[string]any)["validTo"] == nil {
		t.Errorf("today hold %v", today)
	}
}
