package web

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onecity/gov/incident"
	"onecity/internal/flow"
	"onecity/internal/keyfile"
)

// Whoever reports by a portal is told a key, and by it alone, without a name
// or an account, follows the report and rates its end.
func TestWhoReportedByOpen311FollowsAndRatesByTheKeyOfTheReceiptAlone(t *testing.T) {
	w := caseTown(t)
	key, err := keyfile.Open(filepath.Join(t.TempDir(), "reports.key"), "reports")
	if err != nil {
		t.Fatal(err)
	}
	w.server.ReportKeys = key
	const form, nobody = "application/x-www-form-urlencoded", "nobody"
	portal := []string{"X-Role", "portal", "X-Person", "-1", "X-Region", "320583", "Content-Type", form}
	report := func(who []string, status int) (id, key string) {
		t.Helper()
		var receipts []struct {
			ID  string `json:"service_request_id"`
			Key string `json:"report_key"`
		}
		body := "service_code=C0105&lat=31.38&long=120.95&description=" + url.QueryEscape("路灯不亮") + "&client_id=1"
		if err := json.Unmarshal(w.expect("POST", "/open311/v2/requests.json", body, status, who...).body, &receipts); err != nil || len(receipts) != 1 {
			t.Fatal(receipts, err)
		}
		return receipts[0].ID, receipts[0].Key
	}
	id, mine := report(portal, 201)
	if again, key := report(portal, 200); again != id || key != mine || len(mine) != 24 {
		t.Errorf("the same report again is %s with %q, not %s with %q", again, key, id, mine)
	}
	other, theirs := report([]string{"X-Role", "portal", "X-Person", "-2", "X-Region", "320583", "Content-Type", form}, 201)
	if other == id {
		t.Error("another portal, which counts its reports in the same way, is told of this one")
	}

	path := "/open311/v2/requests/" + id
	stands := func() (status, notes string) {
		t.Helper()
		body := w.expect("GET", path+".json?report_key="+strings.ToLower(mine), "", 200, "X-Role", nobody).body
		var list []struct {
			Status string  `json:"status"`
			Notes  string  `json:"status_notes"`
			Agency *string `json:"agency_responsible"`
		}
		if err := json.Unmarshal(body, &list); err != nil || len(list) != 1 || list[0].Agency != nil {
			t.Fatalf("%s, %v", body, err)
		}
		return list[0].Status, list[0].Notes
	}
	if status, notes := stands(); status != "open" || !strings.Contains(notes, "待立案") {
		t.Errorf("at once it is %s, %s", status, notes)
	}
	for _, bad := range []string{"?report_key=" + theirs, "?report_key=", "?report_key=" + mine[:23]} {
		if got := w.ask("GET", path+".json"+bad, "", "X-Role", nobody); got.status != 404 {
			t.Errorf("%s is answered %d: %s", bad, got.status, got.body)
		}
	}
	if got := w.ask("GET", path+".json", "", "X-Role", nobody); got.status != 401 {
		t.Errorf("without a key it is answered %d", got.status)
	}

	rate := func(status int, key, stars string) {
		t.Helper()
		w.expect("POST", path+"/rating", url.Values{"report_key": {key}, "stars": {stars}, "text": {"很快"}}.Encode(), status, "X-Role", nobody, "Content-Type", form)
	}
	rate(404, mine, "5") // it is no case yet
	if _, err := w.server.Cases.Take(t.Context(), incident.Report{ID: id, Class: "C0105", Title: "路灯不亮", Severity: 3, Lon: 120.95, Lat: 31.38,
		Reported: time.Now(), Channel: "citizen", Reporter: "app:portal", Region: atWest}); err != nil {
		t.Fatal(err)
	}
	rate(409, mine, "5")
	if _, err := w.server.Cases.Fire(t.Context(), flow.Actor{Subject: "person:officer", Allow: func(string, flow.Item) bool { return true }}, id, incident.Command{Event: incident.Reject, Version: 2,
		Input: map[string]json.RawMessage{"reason": json.RawMessage(`"已有人上报"`)}}); err != nil {
		t.Fatal(err)
	}
	rate(404, theirs, "1")
	rate(400, mine, "6")
	rate(200, mine, "4")
	rate(200, mine, "4") // a broken line
	rate(409, mine, "1")
	is, err := w.server.Cases.Get(t.Context(), incident.Whole(), id)
	if err != nil || is.Stars != 4 {
		t.Errorf("%+v, %v", is, err)
	}
	var x struct {
		XMLName xml.Name `xml:"service_requests"`
	}
	if err := xml.Unmarshal(w.expect("GET", path+".xml?report_key="+mine, "", 200, "X-Role", nobody).body, &x); err != nil {
		t.Error(err)
	}
	// Nobody who works on it sees the key; who sees no sensitive things neither who reported.
	if body := string(w.expect("GET", "/api/v1/cases/"+id, "", 200, "X-Role", "viewer", "X-Region", atWest).body); strings.Contains(body, mine) || strings.Contains(body, "app:portal") {
		t.Errorf("it is told: %s", body)
	}
	// A key holds for a case that the model has never seen, or forgotten.
	w.report("old", false)
	old := owner{w.server}.Key("old")
	w.expect("GET", "/open311/v2/requests/old.json?report_key="+old, "", 200, "X-Role", nobody)
	w.expect("GET", "/open311/v2/requests/older.json?report_key="+owner{w.server}.Key("older"), "", 404, "X-Role", nobody)
}
