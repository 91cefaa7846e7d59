package web

import (
	"fmt"
	"strings"
	"testing"

	"onecity/ingest"
	"onecity/web/problem"
)

const (
	oneEvent   = "application/cloudevents+json"
	manyEvents = "application/cloudevents-batch+json"
)

// house is an event with one building; more are further fields of it.
func house(event, id, more string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/test/houses","type":"onecity.objects.v1","data":{"objects":[`+
		`{"id":%q,"layer":"buildings","class":"Building"%s,"geometry":{"type":"Polygon","coordinates":[[[120.97,31.385],[120.9705,31.385],[120.9705,31.3854],[120.97,31.385]]]}}]}}`, event, id, more)
}

func TestAnEventIsTakenAloneAndInABatch(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	if v := w.expect("POST", "/api/v1/events", house("1", "hall", `,"name":"市民中心"`), 200, "Content-Type", oneEvent).json(t); v["accepted"] != 1.0 {
		t.Errorf("alone: %v", v)
	}
	w.awaitEnd()
	if v := w.expect("GET", "/api/v1/objects/hall", "", 200).json(t); v["name"] != "市民中心" {
		t.Errorf("the building is %v", v)
	}
	batch := "[" + house("2", "barn", "") + `,{"specversion":"1.0","id":"3","source":"/test/houses","type":"onecity.objects-removed.v1","data":{"ids":["hall"]}}]`
	if v := w.expect("POST", "/api/v1/events", batch, 200, "Content-Type", manyEvents).json(t); v["accepted"] != 2.0 {
		t.Errorf("in a batch: %v", v)
	}
	w.awaitEnd()
	w.expect("GET", "/api/v1/objects/barn", "", 200)
	w.expect("GET", "/api/v1/objects/hall", "", 404)
}

func TestAnEventSentTwiceIsStoredOnce(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	ends := [2]uint64{}
	for i := range ends {
		w.expect("POST", "/api/v1/events", house("1", "hall", ""), 200, "Content-Type", oneEvent)
		var err error
		if ends[i], err = w.broker.Last(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if ends[0] != ends[1] {
		t.Errorf("the stream ends at %d, then at %d", ends[0], ends[1])
	}
}

func TestAProblemOfAnEventNamesItsField(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	event := func(typ, data string) string {
		return fmt.Sprintf(`{"specversion":"1.0","id":"1","source":"/test","type":%q%s}`, typ, data)
	}
	for _, c := range []struct {
		name, body  string
		status      int
		field, code string
	}{
		{"not JSON", `{`, 400, "/", "malformed"},
		{"nothing", ``, 400, "/", "malformed"},
		{"a text", `"event"`, 400, "/", "malformed"},
		{"a list of numbers", `[1]`, 400, "/", "malformed"},
		{"an empty batch", `[]`, 422, "/", "missing"},
		{"a version that is a number", `{"specversion":1.0}`, 400, "/specversion", "malformed"},
		{"an old version", `{"specversion":"0.3"}`, 422, "/specversion", "malformed"},
		{"no type", event("", ""), 422, "/type", "unknown-code"},
		{"an unknown type", event("onecity.nothing.v1", `,"data":{}`), 422, "/type", "unknown-code"},
		{"a type with its own way in", event("onecity.observations.v1", `,"data":{"observations":[]}`), 422, "/type", "unknown-code"},
		{"no source", `{"specversion":"1.0","id":"1","type":"onecity.objects-removed.v1","data":{"ids":["x"]}}`, 422, "/source", "malformed"},
		{"an id too long", strings.Replace(house("", "h", ""), `"id":""`, `"id":"`+strings.Repeat("x", ingest.MaxID+1)+`"`, 1), 422, "/id", "malformed"},
		{"no data", event("onecity.objects.v1", ""), 422, "/data", "missing"},
		{"data in Base64", event("onecity.objects.v1", `,"data_base64":"e30="`), 422, "/data_base64", "malformed"},
		{"data of a wrong type", event("onecity.objects.v1", `,"data":{"objects":"all"}`), 422, "/data/objects", "malformed"},
		{"a place that is not on the globe", event("onecity.objects.v1", `,"data":{"objects":[{"id":"p","layer":"places","class":"Place","geometry":{"type":"Point","coordinates":[181,31]}}]}`),
			422, "/data/objects/0/geometry", "malformed"},
		{"a profile without a city", event("onecity.profile.v1", `,"data":{"name":"无"}`), 422, "/data/city", "missing"},
		{"a region whose parent is not there", event("onecity.regions.v1", `,"data":{"regions":[{"code":"320583100","parent":"320583"}]}`), 422, "/data/regions", "malformed"},
		{"a formula with a negative weight", event("onecity.formula.v1", `,"data":{"formula":{"terms":[{"low":0,"high":1,"weight":-1}]}}`), 422, "/data/formula/terms/0/weight", "out-of-range"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for mode, body := range map[string]string{oneEvent: c.body, manyEvents: "[" + c.body + "]"} {
				if mode == manyEvents && !strings.HasPrefix(c.body, "{\"") {
					continue // it is no event that a batch could hold
				}
				r := w.ask("POST", "/api/v1/events", body, "Content-Type", mode)
				if r.status != c.status || r.header.Get("Content-Type") != problem.ContentType {
					t.Fatalf("%s: %d %s, want %d: %s", mode, r.status, r.header.Get("Content-Type"), c.status, r.body)
				}
				errs, _ := r.json(t)["errors"].([]any)
				if len(errs) != 1 {
					t.Fatalf("%s: %s", mode, r.body)
				}
				if e := errs[0].(map[string]any); e["field"] != c.field || e["code"] != c.code || e["item"] != 0.0 {
					t.Errorf("%s: %v, want %s at %s", mode, e, c.code, c.field)
				}
			}
		})
	}
}

func TestABadEventDoesNotSpoilTheOthers(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	r := w.expect("POST", "/api/v1/events", "["+house("1", "first", "")+`,{"specversion":"1.0"},`+house("2", "second", `,"lod":-1`)+","+house("3", "third", "")+"]", 200, "Content-Type", manyEvents)
	v := r.json(t)
	problems, _ := v["problems"].([]any)
	if v["accepted"] != 3.0 || v["rejected"] != 1.0 || len(problems) != 1 || problems[0].(map[string]any)["item"] != 1.0 {
		t.Errorf("%s", r.body)
	}
	w.awaitEnd()
	w.expect("GET", "/api/v1/objects/third", "", 200)
}

func TestOfManyBadEventsAllAreCountedAndSomeAreNamed(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	const bad = 20_000
	r := w.expect("POST", "/api/v1/events", "["+house("1", "good", "")+strings.Repeat(`,{}`, bad)+"]", 200, "Content-Type", manyEvents)
	v := r.json(t)
	if problems, _ := v["problems"].([]any); v["accepted"] != 1.0 || v["rejected"] != float64(bad) || len(problems) != ingest.MaxProblems {
		t.Errorf("accepted %v, rejected %v, %d problems", v["accepted"], v["rejected"], len(problems))
	}
}
