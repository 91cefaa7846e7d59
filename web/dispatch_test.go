package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/gov/identity/access/accesstest"
	"onecity/gov/incident/dispatch"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/paulmach/orb"
)

// operatorOf is somebody who may do everything in the region of the header
// X-Region, and nothing elsewhere; without it everywhere.
func operatorOf(r *http.Request) (Caller, error) {
	region := r.Header.Get("X-Region")
	if region == "" {
		return everybody(r)
	}
	const id = "person:operator"
	rights := accesstest.Holding(id, access.Binding{ID: "1", Role: "operator", On: access.Node{Code: region}})
	return Caller{ID: id, Rights: rights, Scope: scopeOf(rights)}, nil
}

// streetTown is a town with one long street over two districts, and a side
// street.
func streetTown(t *testing.T) *town {
	t.Helper()
	w := newTown(t, townOptions{who: operatorOf})
	w.settle()
	w.put(cim.ObjectsRemoved{IDs: []string{"r1"}})
	w.put(cim.ObjectsPut{Objects: []cim.Object{
		{ID: "main", Layer: cim.LayerRoads, Class: "Road", Kind: "primary", Name: "前进路", NameEn: "Qianjin Road",
			Geometry: orb.LineString{{120.9, 31.38}, {120.95, 31.38}, {121.05, 31.38}}},
		{ID: "side", Layer: cim.LayerRoads, Class: "Road", Kind: "residential", Name: "人民路",
			Geometry: orb.MultiLineString{{{120.95, 31.38}, {120.95, 31.39}}}},
	}})
	return w
}

// bookOf gives the town a book of who is responsible and on duty.
func bookOf(t *testing.T, w *town) {
	t.Helper()
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if w.server.Dispatch, err = dispatch.Open(t.Context(), pool, dispatch.Options{}); err != nil {
		t.Fatal(err)
	}
}

// stand puts a unit somewhere.
func (w *town) stand(id, kind, status string, lon, lat float64) {
	w.t.Helper()
	w.put(cim.UnitsPut{Units: []cim.Unit{{ID: id, Name: id, Kind: kind}}})
	w.put(cim.Positions{Positions: []cim.Position{{Unit: id, Time: time.Now().UTC(), Lon: lon, Lat: lat, Status: status}}})
}

func (w *town) happen(id string, lon, lat float64, more func(*cim.Incident)) {
	w.t.Helper()
	i := cim.Incident{ID: id, Version: 1, Class: "E0101", Status: cim.StatusReported, Severity: 3, Lon: lon, Lat: lat, Reported: time.Now()}
	if more != nil {
		more(&i)
	}
	w.put(cim.IncidentPut{Incident: i})
}

func (w *town) candidates(path string, headers ...string) (list []candidateBody, body candidatesBody) {
	w.t.Helper()
	if err := json.Unmarshal(w.expect("GET", path, "", 200, headers...).body, &body); err != nil {
		w.t.Fatal(err)
	}
	return body.Items, body
}

func names(list []candidateBody) string {
	var ids []string
	for _, c := range list {
		ids = append(ids, c.Unit)
	}
	return strings.Join(ids, " ")
}

func TestCandidatesAreThoseWhomTheCallerSeesTheBestFirst(t *testing.T) {
	w := streetTown(t)
	bookOf(t, w)
	w.stand("near-busy", "enforcement", "moving", 120.949, 31.38)
	w.stand("near", "enforcement", "idle", 120.955, 31.38)
	w.stand("right", "sanitation", "idle", 120.97, 31.38)
	w.stand("off", "enforcement", "off", 120.95, 31.38)
	w.stand("east", "enforcement", "idle", 121.04, 31.38) // in the other district
	w.happen("case", 120.95, 31.381, nil)
	w.happen("other", 120.92, 31.38, func(i *cim.Incident) { i.Status, i.Unit = cim.StatusHandling, "near-busy" })

	list, body := w.candidates("/api/v1/cases/case/candidates")
	if got, want := names(list), "near right east near-busy"; got != want || body.Responsible != nil {
		t.Fatalf("%s, want %s; responsible %+v", got, want, body.Responsible)
	}
	near := list[0]
	if !near.Free || !near.Routed || near.Metres < 470 || near.Metres > 600 || near.Route == nil || near.Route.Type != "LineString" || len(near.Route.Coordinates) < 3 {
		t.Errorf("%+v", near)
	}
	if busy := list[3]; busy.Free || fmt.Sprint(busy.BusyWith) != "[other]" || busy.Reasons[0].ZH != "在办 1 件" {
		t.Errorf("%+v", busy)
	}

	// Sanitation answers for rubbish and comes first; one that is on duty is five
	// minutes nearer than others of its kind.
	w.expect("PUT", "/api/v1/responsibilities", `{"class":"E01","region":"320583","org":"00010003","orgName":"城管局","kinds":["sanitation"],"since":"2026-01-01T00:00:00Z"}`, 200)
	list, body = w.candidates("/api/v1/cases/case/candidates?limit=2")
	if got, want := names(list), "right near"; got != want || body.Responsible == nil || body.Responsible.OrgName != "城管局" || !list[0].Responsible || list[1].Responsible {
		t.Errorf("%s, want %s; responsible %+v", got, want, body.Responsible)
	}
	turns := []string{}
	for _, slot := range []string{"night", "early", "late"} { // whatever the time of this test
		turns = append(turns, fmt.Sprintf(`{"shift":%q,"unit":"near"}`, slot))
	}
	today := time.Now().UTC().Format(time.DateOnly)
	w.expect("PUT", "/api/v1/duty-roster?region=320583100&date="+today, `{"version":0,"turns":[`+strings.Join(turns, ",")+`]}`, 200)
	if list, _ = w.candidates("/api/v1/cases/case/candidates"); names(list) != "right near east near-busy" || !list[1].Duty {
		t.Errorf("with one on duty: %s", names(list))
	}

	// Who sees the western district only is offered nobody from the other, and
	// does not see what happens there.
	w.happen("far", 121.04, 31.38, nil)
	if list, _ = w.candidates("/api/v1/cases/case/candidates", "X-Region", "320583100"); names(list) != "right near near-busy" {
		t.Errorf("in the west: %s", names(list))
	}
	w.expect("GET", "/api/v1/cases/far/candidates", "", 404, "X-Region", "320583100")
	w.expect("GET", "/api/v1/cases/none/candidates", "", 404)
}

func TestAUnitThatNoStreetLeadsFromIsGuessedAtAndComesLast(t *testing.T) {
	w := streetTown(t)
	w.stand("island", "enforcement", "idle", 120.9502, 31.45)
	w.stand("street", "enforcement", "idle", 121.04, 31.38)
	w.put(cim.ObjectsPut{Objects: []cim.Object{{ID: "island", Layer: cim.LayerRoads, Class: "Road", Kind: "primary", Geometry: orb.LineString{{120.95, 31.45}, {120.951, 31.45}}}}})
	w.happen("case", 120.95, 31.38, nil)
	list, _ := w.candidates("/api/v1/cases/case/candidates")
	if names(list) != "street island" || list[1].Routed || list[1].Route != nil || list[1].Metres < 7000 {
		t.Errorf("%+v", list)
	}
}

func TestTheRouteFollowsTheStreetsAndTheirChanges(t *testing.T) {
	w := streetTown(t)
	ask := func(from, to string, status int) (r routeBody) {
		t.Helper()
		reply := w.expect("GET", "/api/v1/route?from="+from+"&to="+to, "", status)
		if err := json.Unmarshal(reply.body, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := ask("120.93,31.38", "120.95,31.389", 200)
	if r.Metres < 2700 || r.Metres > 3000 || len(r.Steps) != 3 || r.Steps[0].Text != "沿前进路向东行驶 1.9 公里" || !strings.HasPrefix(r.Steps[1].TextEn, "Turn left onto 人民路") {
		t.Errorf("%+v", r)
	}
	if first := r.Geometry.Coordinates[0]; first != [2]float64{120.93, 31.38} {
		t.Errorf("it begins at %v", first)
	}
	for _, wrong := range []string{"?from=120.93,31.38", "?from=x&to=120.93,31.38", "?from=120.93&to=120.93,31.38", "?from=NaN,31&to=120.93,31.38", "?from=181,31&to=120.93,31.38"} {
		w.expect("GET", "/api/v1/route"+wrong, "", 422)
	}
	ask("120.93,31.38", "100,31", 404)

	// The street becomes one-way, against the way that was asked for.
	w.put(cim.ObjectsPut{Objects: []cim.Object{{ID: "main", Layer: cim.LayerRoads, Class: "Road", Kind: "primary",
		Attributes: map[string]string{"oneway": "-1"}, Geometry: orb.LineString{{120.9, 31.38}, {120.95, 31.38}, {121.05, 31.38}}}}})
	eventually(t, "no way against the one-way street", func() bool {
		return w.ask("GET", "/api/v1/route?from=120.93,31.38&to=120.95,31.389", "").status == 404
	})
	ask("120.95,31.389", "120.93,31.38", 200)
	w.put(cim.ObjectsRemoved{IDs: []string{"main", "side"}})
	eventually(t, "no way where the streets are gone", func() bool {
		return w.ask("GET", "/api/v1/route?from=120.95,31.389&to=120.93,31.38", "").status == 404
	})
}

func TestTheRosterAndTheListAreWrittenWhereTheRightsReach(t *testing.T) {
	w := streetTown(t)
	bookOf(t, w)
	const day = "/api/v1/duty-roster?region=320583100&date=2026-11-24"
	r := w.expect("PUT", day, `{"version":0,"turns":[{"shift":"early","unit":"car-1","unitName":"巡查一"},{"shift":"late","personName":"王小明"}]}`, 200, "X-Region", "320583100").json(t)
	if r["version"] != 1.0 || len(r["turns"].([]any)) != 2 {
		t.Errorf("%v", r)
	}
	w.expect("PUT", day, `{"version":0,"turns":[]}`, 409, "X-Region", "320583100")
	w.expect("PUT", day, `{"version":1,"turns":[]}`, 403, "X-Region", "320583101")
	overlap := w.expect("PUT", "/api/v1/duty-roster?region=320583&date=2026-11-24", `{"version":0,"turns":[{"shift":"early","unit":"car-1"}]}`, 422).json(t)
	if e := overlap["errors"].([]any)[0].(map[string]any); e["code"] != "overlap" || e["field"] != "/turns/0/unit" {
		t.Errorf("%v", overlap)
	}
	week := w.expect("GET", day+"&days=7", "", 200, "X-Region", "320583100").json(t)
	if len(week["days"].([]any)) != 7 || len(week["shifts"].([]any)) != 3 {
		t.Errorf("%v", week)
	}
	w.expect("GET", day, "", 403, "X-Region", "320583101")
	w.expect("GET", "/api/v1/duty-roster?date=24.11.2026", "", 422)

	row := w.expect("PUT", "/api/v1/responsibilities", `{"class":"E05","region":"320583100","org":"0001","kinds":["grid"]}`, 200, "X-Region", "320583100").json(t)
	w.expect("PUT", "/api/v1/responsibilities", `{"class":"E05","region":"320583100","org":"0002"}`, 409)
	w.expect("PUT", "/api/v1/responsibilities", `{"class":"e05","region":"320583100","org":"0002"}`, 422)
	w.expect("PUT", "/api/v1/responsibilities", `{"class":"E05","region":"320583","org":"0002"}`, 403, "X-Region", "320583100")
	w.expect("PUT", "/api/v1/responsibilities", fmt.Sprintf(`{"class":"E05","region":"320583100","org":"0002","version":%v}`, row["version"]), 200)
	list := w.expect("GET", "/api/v1/responsibilities", "", 200, "X-Region", "320583100").json(t)["items"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["org"] != "0002" {
		t.Errorf("%v", list)
	}
	if list := w.expect("GET", "/api/v1/responsibilities", "", 200, "X-Region", "320583101").json(t)["items"].([]any); len(list) != 0 {
		t.Errorf("in another district: %v", list)
	}
}

func TestWithoutABookCandidatesAreStillFound(t *testing.T) {
	w := streetTown(t)
	w.stand("near", "enforcement", "idle", 120.955, 31.38)
	w.happen("case", 120.95, 31.38, nil)
	if list, _ := w.candidates("/api/v1/cases/case/candidates"); names(list) != "near" {
		t.Errorf("%s", names(list))
	}
	w.expect("GET", "/api/v1/responsibilities", "", 503)
}
