package web

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"onecity/web/problem"

	"github.com/gorilla/websocket"
)

func TestAnObservationSentOverHTTPComesOutOfTheLiveSocket(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.url, "http")+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"op":"sub","id":"a","view":{"layers":["devices"],"widgets":["open-incidents"],"rate":40}}`)); err != nil {
		t.Fatal(err)
	}
	w.expect("POST", "/api/v1/observations", fmt.Sprintf(`{"device":"west","property":"pm2_5","value":41.5,"time":%q}`, time.Now().Format(time.RFC3339Nano)), 200)
	var seen, drawn bool
	for !seen || !drawn {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		_, b, err := conn.ReadMessage()
		if err != nil {
			t.Fatalf("reading seen: %v, widget seen: %v: %v", seen, drawn, err)
		}
		seen = seen || strings.Contains(string(b), `"pm2_5":[41.5,`)
		drawn = drawn || strings.Contains(string(b), `"widgets":{"open-incidents":{`)
		if !drawn { // a widget travels with the next event
			w.expect("POST", "/api/v1/observations", fmt.Sprintf(`{"device":"west","property":"pm2_5","value":41.5,"time":%q}`, time.Now().Format(time.RFC3339Nano)), 200)
		}
	}
}

func TestEveryRefusalIsAProblem(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	long := strings.Repeat("x", maxBatchBody+1)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		code                     string
		headers                  []string
	}{
		{"no such path", "GET", "/nothing/here", "", 404, "", nil},
		{"no such API path", "GET", "/api/v1/nothing", "", 404, "", nil},
		{"wrong method", "DELETE", "/api/v1/city", "", 405, "", nil},
		{"wrong method on a batch", "GET", "/api/v1/observations", "", 405, "", nil},
		{"not JSON", "POST", "/api/v1/observations", "{", 400, "malformed", nil},
		{"not an object", "POST", "/api/v1/positions", "[1]", 400, "malformed", nil},
		{"NaN", "POST", "/api/v1/observations", `{"observations":[{"device":"west","property":"pm2_5","value":NaN}]}`, 400, "not-finite", nil},
		{"unknown device", "POST", "/api/v1/observations", `{"device":"nobody","property":"pm2_5","value":1}`, 422, "unknown-device", nil},
		{"value of a wrong type", "POST", "/api/v1/observations", `{"observations":[{"device":"west","property":"pm2_5","value":"abc"}]}`, 422, "malformed", nil},
		{"nothing sent", "POST", "/api/v1/observations", `{"observations":[]}`, 422, "missing", nil},
		{"too large", "POST", "/api/v1/observations", long, 413, "too-large", nil},
		{"unknown unit", "POST", "/api/v1/positions", `{"unit":"nobody","lon":121,"lat":31.3}`, 422, "unknown-unit", nil},
		{"no such device", "GET", "/api/v1/devices/nobody", "", 404, "", nil},
		{"no such region", "GET", "/api/v1/regions/999", "", 404, "", nil},
		{"no such widget", "GET", "/api/v1/widgets/nothing", "", 404, "", nil},
		{"no such photo", "GET", "/media/nothing.jpg", "", 404, "", nil},
		{"no such letter", "DELETE", "/api/v1/dead-letters/99", "", 404, "", nil},
		{"a letter without number", "DELETE", "/api/v1/dead-letters/x", "", 404, "", nil},
		{"no such class", "POST", "/api/v1/cases", `{"id":"r-9","class":"X9","lon":120.9,"lat":31.38}`, 422, "unknown-class", nil},
		{"cases without a database", "GET", "/api/v1/cases/none", "", 503, "", nil},
		{"limit too high", "GET", "/api/v1/devices?limit=100000", "", 422, "invalid", nil},
		{"not a cell", "GET", "/api/v1/cells/xyz", "", 422, "malformed", nil},
		{"not a box", "GET", "/api/v1/roads?bbox=1,2,3", "", 422, "malformed", nil},
		{"a language that is not spoken", "GET", "/api/v1/widgets/open-incidents?lang=fr", "", 422, "malformed", nil},
		{"another host name", "GET", "/api/v1/city", "", 421, "", []string{"Host", "evil.example"}},
		{"a write from another site", "POST", "/api/v1/observations", "{}", 403, "", []string{"Sec-Fetch-Site", "cross-site"}},
		{"a socket from another site", "GET", "/ws", "", 403, "", []string{"Connection", "upgrade", "Upgrade", "websocket",
			"Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Origin", "http://evil.example"}},
		{"a socket that is none", "GET", "/ws", "", 400, "", nil},
		{"history without a database", "GET", "/api/v1/devices/west/history?property=pm2_5", "", 503, "", nil},
		{"feeds without contracts", "POST", "/api/v1/feeds/x/uploads", "{}", 503, "", nil},
		{"a tile out of range", "GET", "/tiles/cells/99/0/0.mvt", "", 404, "out-of-range", nil},
		{"front end not built", "GET", "/", "", 503, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := w.ask(c.method, c.path, c.body, c.headers...)
			if r.status != c.status {
				t.Fatalf("%d, want %d: %s", r.status, c.status, r.body)
			}
			if ct := r.header.Get("Content-Type"); ct != problem.ContentType {
				t.Errorf("content type %q", ct)
			}
			v := r.json(t)
			if v["status"] != float64(c.status) || v["title"] == "" || v["type"] == nil {
				t.Errorf("not a whole problem: %s", r.body)
			}
			if c.status == 405 && r.header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			errs, _ := v["errors"].([]any)
			if c.code != "" && (len(errs) == 0 || errs[0].(map[string]any)["code"] != c.code) {
				t.Errorf("errors %v, want code %s", errs, c.code)
			}
		})
	}
}

func TestAHandlerThatPanicsAnswersAProblemWithoutTheCause(t *testing.T) {
	w := newTown(t, townOptions{})
	h := w.server.observed(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret cause") }))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/api/v1/city", nil))
	if rec.Code != 500 || strings.Contains(rec.Body.String(), "secret") || !strings.Contains(rec.Body.String(), "urn:onecity:request:") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

func TestOneBadReadingDoesNotSpoilTheOthers(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	r := w.expect("POST", "/api/v1/observations", `{"observations":[{"device":"west","property":"pm2_5","value":"abc"},`+
		`{"device":"west","property":"pm2_5","value":12},{"device":"nobody","property":"pm2_5","value":1}]}`, 200)
	v := r.json(t)
	problems, _ := v["problems"].([]any)
	if v["accepted"] != 1.0 || v["rejected"] != 2.0 || len(problems) != 2 {
		t.Fatalf("%s", r.body)
	}
	places := map[any]bool{}
	for _, p := range problems {
		places[p.(map[string]any)["item"]] = true
	}
	if !places[0.0] || !places[2.0] {
		t.Errorf("the problems name other items: %s", r.body)
	}
	w.awaitEnd()
	d := w.expect("GET", "/api/v1/devices/west", "", 200).json(t)
	if v := d["datastreams"].([]any)[0].(map[string]any)["value"]; v != 12.0 {
		t.Errorf("the good one is %v", v)
	}
}

func TestARegionNarrowsEveryList(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	ids := func(path string) (out []string) {
		for _, d := range w.expect("GET", path, "", 200).json(t)["devices"].([]any) {
			out = append(out, d.(map[string]any)["id"].(string))
		}
		return out
	}
	if got := ids("/api/v1/devices"); fmt.Sprint(got) != "[east west]" {
		t.Errorf("all: %v", got)
	}
	if got := ids("/api/v1/devices?region=320583100"); fmt.Sprint(got) != "[west]" {
		t.Errorf("in the west: %v", got)
	}
	first := w.expect("GET", "/api/v1/devices?limit=1", "", 200).json(t)
	if first["next"] != "east" {
		t.Errorf("the first page ends at %v", first["next"])
	}
	if got := ids("/api/v1/devices?limit=1&after=east"); fmt.Sprint(got) != "[west]" {
		t.Errorf("the second page: %v", got)
	}
}

func TestTheCityAndItsRegionsAreDescribed(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	c := w.expect("GET", "/api/v1/city", "", 200).json(t)
	if c["name"] != "昆山市" || c["epoch"] != w.city.Epoch() || c["simulated"] != false {
		t.Errorf("the city: %v", c)
	}
	r := w.expect("GET", "/api/v1/regions?parent=320583", "", 200).json(t)
	if n := len(r["regions"].([]any)); n != 2 {
		t.Errorf("%d districts", n)
	}
	one := w.expect("GET", "/api/v1/regions/320583101", "", 200).json(t)
	if one["made"] != true || one["level"] != "district" || one["geometry"].(map[string]any)["type"] != "MultiPolygon" {
		t.Errorf("the district: %v", one)
	}
	roads := w.expect("GET", "/api/v1/roads?region=320583100", "", 200)
	if n := len(roads.json(t)["features"].([]any)); n != 1 || roads.header.Get("Content-Type") != "application/geo+json" {
		t.Errorf("%d roads as %s", n, roads.header.Get("Content-Type"))
	}
	if n := len(w.expect("GET", "/api/v1/roads?bbox=121.1,31.2,121.2,31.3", "", 200).json(t)["features"].([]any)); n != 0 {
		t.Errorf("%d roads where there are none", n)
	}
}

func TestAReportIsAcceptedWithoutADatabaseAndTheSameAgainIsTheSame(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	const report = `{"id":"phone-1","class":"C0105","title":"路灯不亮","lon":120.9,"lat":31.38,"reported":"2099-01-01T00:00:00Z"}`
	for range 5 {
		if r := w.expect("POST", "/api/v1/cases", report, 200).json(t); r["id"] != "phone-1" || r["accepted"] != true {
			t.Fatalf("the report is answered %v", r)
		}
	}
	if p := w.expect("POST", "/api/v1/cases", strings.Replace(report, "C0105", "C0101", 1), 409).json(t); p["title"] != problem.Title(409) {
		t.Errorf("another report under its id: %v", p)
	}
	w.awaitEnd()
	list := w.expect("GET", "/api/v1/incidents?status=open", "", 200).json(t)["incidents"].([]any)
	if len(list) != 1 {
		t.Fatalf("%d open incidents", len(list))
	}
	in := list[0].(map[string]any)
	if when, err := time.Parse(time.RFC3339, in["reported"].(string)); err != nil || when.After(time.Now()) {
		t.Errorf("a fast clock puts it at %v", in["reported"])
	}
	if in["version"] != 1.0 || in["step"] != "reported" {
		t.Errorf("the city shows %v", in)
	}
}

func TestOnlyLoopbackIsServed(t *testing.T) {
	for _, a := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.org:0"} {
		if l, err := Listen(t.Context(), a); !errors.Is(err, ErrNotSafe) {
			t.Errorf("%s: %v", a, err)
			if l != nil {
				l.Close()
			}
		}
	}
	open, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	w := newTown(t, townOptions{})
	if err := w.server.Run(t.Context(), open); !errors.Is(err, ErrNotSafe) {
		t.Errorf("a listener from elsewhere: %v", err)
	}
}

func TestPagesComeFromTheBuiltFrontEnd(t *testing.T) {
	w := newTown(t, townOptions{app: fstest.MapFS{
		"index.html":         {Data: []byte("<!doctype html><title>OneCity</title>")},
		"icon.svg":           {Data: []byte("<svg/>")},
		"assets/main-abc.js": {Data: []byte("console.log(1)")}, "assets/main-abc.js.gz": {Data: []byte("zipped")},
	}, Options: Options{Origins: []string{"https://portal.example"}}})
	for _, p := range []string{"/", "/screen", "/embed/open-incidents", "/docs", "/mobile/x"} {
		r := w.expect("GET", p, "", 200)
		if !strings.Contains(string(r.body), "OneCity") || r.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %s %v", p, r.body, r.header)
		}
		csp := r.header.Get("Content-Security-Policy")
		script, _, _ := strings.Cut(csp[strings.Index(csp, "script-src"):], ";")
		if script != "script-src 'self'" {
			t.Errorf("%s may run %s", p, script)
		}
		embeds := strings.Contains(csp, "frame-ancestors 'self' https://portal.example")
		if want := strings.HasPrefix(p, "/embed/"); embeds != want || (r.header.Get("X-Frame-Options") == "DENY") == want {
			t.Errorf("%s: may be embedded: %v", p, embeds)
		}
	}
	js := w.expect("GET", "/assets/main-abc.js", "", 200, "Accept-Encoding", "gzip")
	if string(js.body) != "zipped" || js.header.Get("Content-Encoding") != "gzip" || !strings.Contains(js.header.Get("Cache-Control"), "immutable") {
		t.Errorf("the script: %s %v", js.body, js.header)
	}
	if csp := js.header.Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self'") || strings.Contains(csp, "sandbox") {
		t.Errorf("a worker of that script could not fetch tiles: %s", csp)
	}
	if js := w.expect("GET", "/assets/main-abc.js", "", 200); string(js.body) != "console.log(1)" {
		t.Errorf("the plain script: %s", js.body)
	}
	w.expect("GET", "/icon.svg", "", 200)
	w.expect("GET", "/assets/none.js", "", 404)
	w.expect("GET", "/assets/", "", 404)
}

func TestJSONIsCompressedForThoseWhoTakeIt(t *testing.T) {
	w := newTown(t, townOptions{})
	plain := len(w.expect("GET", "/openapi.json", "", 200).body)
	if r := w.expect("GET", "/openapi.json", "", 200, "Accept-Encoding", "gzip"); r.header.Get("Content-Encoding") != "gzip" || len(r.body) > plain/4 {
		t.Errorf("%d bytes of %d, %v", len(r.body), plain, r.header)
	}
	if r := w.expect("GET", "/healthz", "", 200, "Accept-Encoding", "gzip"); r.header.Get("Content-Encoding") != "" || string(r.body) != "ok" {
		t.Errorf("a short answer: %v %s", r.header, r.body)
	}
}

func TestTheServerSaysHowItIs(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	r := w.expect("GET", "/readyz", "", 200).json(t)
	if r["ready"] != true || r["model"] != "ready" || r["history"] != "absent" {
		t.Errorf("readiness: %v", r)
	}
	w.ask("POST", "/api/v1/observations", `{"device":"nobody","property":"pm2_5","value":1}`)
	m := string(w.expect("GET", "/metrics", "", 200).body)
	for _, want := range []string{
		`onecity_http_fact_problems_total{code="unknown-device",way="observations"} 1`,
		`onecity_http_facts_total{outcome="accepted",way="devices"} 2`,
		`onecity_model_lag_events 0`, `onecity_live_clients 0`, `onecity_credentials 3`,
		`onecity_http_request_duration_seconds_count{code="422",route="POST /api/v1/observations"} 1`,
	} {
		if !strings.Contains(m, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

func TestStoppingLetsARequestFinish(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	body, send := newSlowBody(`{"device":"west","property":"pm2_5","value":7}`)
	done := make(chan int, 1)
	go func() {
		req, err := http.NewRequest("POST", w.url+"/api/v1/observations", body)
		if err != nil {
			t.Error(err)
			return
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Error(err)
			done <- 0
			return
		}
		resp.Body.Close()
		done <- resp.StatusCode
	}()
	eventually(t, "the request is in", func() bool {
		return strings.Contains(string(w.expect("GET", "/metrics", "", 200).body), "onecity_http_requests_in_flight 2")
	})
	stopped := make(chan struct{})
	go func() { w.stop(); close(stopped) }()
	eventually(t, "no new connection is taken", func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	close(send)
	if code := <-done; code != 200 {
		t.Errorf("the request ended with %d", code)
	}
	<-stopped
}

// slowBody is a body whose last byte waits.
type slowBody struct {
	text string
	send chan struct{}
}

func newSlowBody(text string) (*slowBody, chan struct{}) {
	s := &slowBody{text: text, send: make(chan struct{})}
	return s, s.send
}

func (s *slowBody) Read(b []byte) (int, error) {
	switch len(s.text) {
	case 0:
		return 0, io.EOF
	case 1:
		<-s.send
		n := copy(b, s.text)
		s.text = ""
		return n, nil
	}
	n := copy(b, s.text[:len(s.text)-1])
	s.text = s.text[n:]
	return n, nil
}
