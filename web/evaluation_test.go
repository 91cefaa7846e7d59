package web

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/incident"
	"onecity/gov/incident/evaluation"
	"onecity/internal/calendar"

	"github.com/xuri/excelize/v2"
)

// evaluationTown is a town whose cases are counted: two in the west, one in the
// east.
func evaluationTown(t *testing.T) *town {
	t.Helper()
	w, pool := caseTownWith(t, incident.Options{})
	var err error
	w.server.Evaluation, err = evaluation.Open(t.Context(), pool, evaluation.Options{
		Regions: func() *geo.Regions { return w.city.Snapshot().In(cim.Whole()).Regions() }})
	if err != nil {
		t.Fatal(err)
	}
	w.report("c-1", false)
	w.report("c-2", false)
	w.report("c-3", true)
	if err := w.server.Evaluation.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// The readers of the tests.
var (
	cityLeader = []string{"X-Role", "leader", "X-Region", "320583"}
	eastLeader = []string{"X-Role", "leader", "X-Region", atEast}
)

func TestALeaderOfATownCountsTheirOwnTownOnly(t *testing.T) {
	w := evaluationTown(t)
	reports := func(path string, who []string) (total float64, rows map[string]float64) {
		t.Helper()
		table := w.expect("GET", path, "", 200, who...).json(t)
		rows = map[string]float64{}
		for _, r := range table["rows"].([]any) {
			r := r.(map[string]any)
			rows[r["key"].(string)], _ = r["counts"].(map[string]any)["reports"].(float64)
		}
		total, _ = table["total"].(map[string]any)["counts"].(map[string]any)["reports"].(float64)
		return total, rows
	}
	total, rows := reports("/api/v1/evaluation", cityLeader)
	if total != 3 || rows[atWest] != 2 || rows[atEast] != 1 {
		t.Errorf("the city counts %v: %v", total, rows)
	}
	for _, by := range []string{"region", "class", "org", "unit", "person", "post"} {
		total, rows = reports("/api/v1/evaluation?by="+by, eastLeader)
		if total != 1 || rows[atWest] != 0 {
			t.Errorf("by %s the east counts %v: %v", by, total, rows)
		}
	}
	if total, _ := reports("/api/v1/evaluation?region="+atEast, eastLeader); total != 1 {
		t.Errorf("asked for its own, it counts %v", total)
	}
	for _, path := range []string{
		"/api/v1/evaluation?region=" + atWest, "/api/v1/evaluation.xlsx?region=" + atWest,
		"/api/v1/districts/" + atWest + "/panel", "/api/v1/districts/" + atWest + "/brief",
	} {
		w.expect("GET", path, "", 404, eastLeader...)
		w.expect("GET", path, "", 200, cityLeader...)
		w.expect("GET", path, "", 403, "X-Role", "grid", "X-Region", atWest)
	}
	w.expect("GET", "/api/v1/districts/"+atEast+"/panel", "", 200, eastLeader...)
	if brief := w.expect("GET", "/api/v1/districts/"+atEast+"/brief", "", 200, eastLeader...); strings.Contains(string(brief.body), "c-1") {
		t.Error("the brief of the east tells of a case in the west")
	}
}

func TestAnEvaluationIsReadBackFromItsWorkbook(t *testing.T) {
	w := evaluationTown(t)
	sent := w.expect("GET", "/api/v1/evaluation.xlsx?by=region", "", 200, cityLeader...)
	if kind := sent.header.Get("Content-Type"); kind != xlsxType {
		t.Errorf("it is sent as %s", kind)
	}
	f, err := excelize.OpenReader(bytes.NewReader(sent.body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(evaluation.TableSheet)
	if err != nil || len(rows) < 4 {
		t.Fatalf("%v, %v", rows, err)
	}
	column := -1
	for i, name := range rows[1] {
		if strings.HasPrefix(name, "受理数") {
			column = i
			break
		}
	}
	got := map[string]string{}
	for _, r := range rows[2:] {
		if column >= 0 && column < len(r) {
			got[r[0]] = r[column]
		}
	}
	if got[atWest] != "2" || got[atEast] != "1" {
		t.Errorf("the workbook counts %v under column %d of %v", got, column, rows)
	}
}

func TestDaysThatAreNoneAreRefused(t *testing.T) {
	w := evaluationTown(t)
	tomorrow := calendar.DateOf(time.Now()).Next(2).String()
	for _, path := range []string{
		"/api/v1/evaluation?from=2026-02-30", "/api/v1/evaluation?to=soon", "/api/v1/evaluation?from=2026-11-02&to=2026-11-01",
		"/api/v1/evaluation?by=colour", "/api/v1/evaluation.xlsx?from=x", "/api/v1/evaluation.xlsx?by=colour",
		"/api/v1/districts/" + atEast + "/brief?date=2026-13-01", "/api/v1/districts/" + atEast + "/brief?date=" + tomorrow,
	} {
		w.expect("GET", path, "", 422, cityLeader...)
	}
}

func TestAnIndicatorIsChangedByWhoEvaluatesTheWholeCity(t *testing.T) {
	w := evaluationTown(t)
	put := func(formula string) string {
		return `{"code":"rework-rate","name":"返工率","nameEn":"Reworked","formula":"` + formula + `","unit":"%","direction":"down","order":9,"source":"本市","verified":false,"validFrom":"2026-11-01","why":"试用"}`
	}
	for _, who := range [][]string{eastLeader, {"X-Role", "grid", "X-Region", "320583"}} {
		w.expect("PUT", "/api/v1/indicators", put("reworked / handled * 100"), 403, who...)
	}
	if mine := w.expect("GET", "/api/v1/indicators", "", 200, eastLeader...).json(t); mine["mayChange"] != false {
		t.Error("a town's leader is told that they may")
	}
	w.expect("PUT", "/api/v1/indicators", put("reworked / nothing"), 422, cityLeader...)
	w.expect("PUT", "/api/v1/indicators", put("reworked / handled * 100"), 200, cityLeader...)
	is := w.expect("GET", "/api/v1/indicators", "", 200, cityLeader...).json(t)
	found := 0
	for _, i := range is["indicators"].([]any) {
		if i := i.(map[string]any); i["code"] == "rework-rate" {
			if found++; found == 2 && i["formula"] != "reworked / handled * 100" {
				t.Errorf("the newer version is %v", i)
			}
		}
	}
	if is["mayChange"] != true || found != 2 {
		t.Errorf("%d versions, may change: %v", found, is["mayChange"])
	}
}
